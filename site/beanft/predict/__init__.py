"""Predict: one row in a form, a whole file in a batch."""

from beanft.predict.views import bp

__all__ = ["bp"]
