"""JSON at /api/v1 for programs, with its OpenAPI document and the page that shows it."""

from beanft.api.site import init_app

__all__ = ["init_app"]
