"""Checks before and after a training, one file each; `look` runs them all."""
