"""The blueprint that both the table pages and the chart pages register on."""

from flask import Blueprint

bp = Blueprint("explore", __name__)
