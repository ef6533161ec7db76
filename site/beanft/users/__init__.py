"""Accounts, login and pictures."""

from beanft.users.views import bp

__all__ = ["bp"]
