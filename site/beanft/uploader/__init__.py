"""Bring a table in: upload, versions, kinds of columns."""

from beanft.uploader import reading_views, summary_views, version_views, views
from beanft.uploader.blueprint import bp

__all__ = ["bp", "reading_views", "summary_views", "version_views", "views"]
