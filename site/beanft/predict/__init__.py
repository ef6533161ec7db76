"""Predict: one row in a form, a whole file in a batch."""

from beanft.predict import snippets, views
from beanft.predict.batches import views as batch_views
from beanft.predict.blueprint import bp
from beanft.predict.exports import views as export_views

__all__ = ["batch_views", "bp", "export_views", "snippets", "views"]
