"""Accounts, login, pictures and tokens of the API."""

from beanft.users import views
from beanft.users.blueprint import bp
from beanft.users.tokens import views as token_views

__all__ = ["bp", "token_views", "views"]
