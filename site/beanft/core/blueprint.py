"""The blueprint of the front page, activity, help and health."""

from flask import Blueprint

bp = Blueprint("core", __name__)
