"""Sentinel: findings of the checks around a training, what was decided, and what a decision changed."""
