"""Versions of a dataset: given other kinds and roles, listed, handed out, deleted."""
