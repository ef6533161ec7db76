"""Home, activity, help and health."""

from beanft.core import home, views
from beanft.core.blueprint import bp

__all__ = ["bp", "home", "views"]
