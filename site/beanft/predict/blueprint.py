"""The blueprint of predicting, to which the views of all its parts attach."""

from flask import Blueprint

bp = Blueprint("predict", __name__)
