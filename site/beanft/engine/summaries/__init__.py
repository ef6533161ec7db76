"""Summaries: several figures for each group of rows, as a table or crossed with another column."""
