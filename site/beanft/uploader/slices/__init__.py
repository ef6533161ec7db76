"""Uploads in slices: the part file, and what is done to it."""
