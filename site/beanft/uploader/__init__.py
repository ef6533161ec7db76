"""Bring a table in: upload, versions, kinds of columns."""

from beanft.uploader.views import bp

__all__ = ["bp"]
