"""Rows packed into a few numbers each beside the columns of a quick copy, to read single rows at once."""
