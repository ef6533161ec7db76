"""The blueprint of accounts, to which the views of all its parts attach."""

from flask import Blueprint

bp = Blueprint("users", __name__)
