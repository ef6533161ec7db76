"""Bring a table in: upload, versions, kinds of columns."""

from beanft.uploader import version_views, views
from beanft.uploader.blueprint import bp

__all__ = ["bp", "version_views", "views"]
