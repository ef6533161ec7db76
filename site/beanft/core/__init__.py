"""Home, activity, help and health."""

from beanft.core import home as home
from beanft.core.views import bp

__all__ = ["bp"]
