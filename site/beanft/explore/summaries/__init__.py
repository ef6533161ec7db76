"""Summaries of a dataset: groups of rows with several figures, as a page and as a file."""
