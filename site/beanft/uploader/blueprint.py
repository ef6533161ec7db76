"""The blueprint of the pages on which datasets are brought in and kept."""

from flask import Blueprint

bp = Blueprint("uploader", __name__)
