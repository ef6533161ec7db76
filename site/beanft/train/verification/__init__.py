"""Verification: whether a model still gives its numbers after an upgrade of the libraries."""
