"""Deletion of one model: what depended on it, and what is left without it."""
