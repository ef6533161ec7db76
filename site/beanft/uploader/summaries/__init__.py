"""Summaries that become datasets."""
