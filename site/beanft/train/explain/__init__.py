"""Explain: what a model does, as a whole and for one row."""
