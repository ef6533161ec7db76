"""Compares two columns, two groups of rows or two versions of a table, each difference with its interval."""
