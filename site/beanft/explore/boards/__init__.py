"""Saved charts, the board that shows them beside each other, and the board as a file."""
