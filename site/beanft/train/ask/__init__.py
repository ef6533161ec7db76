"""Asking: the form of a question, and an estimate of what its time buys."""
