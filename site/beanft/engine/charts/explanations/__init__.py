"""Figures of explanations: importances, effects of columns, surfaces of two, contributions."""
