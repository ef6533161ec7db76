"""The blueprint of training, to which the views of all its parts attach."""

from flask import Blueprint

bp = Blueprint("train", __name__)
