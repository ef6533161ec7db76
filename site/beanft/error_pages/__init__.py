"""Designed answers for what goes wrong, as HTML or JSON."""

from beanft.error_pages.handlers import init_app

__all__ = ["init_app"]
