"""Train: experiments, runs and the reports of models."""

from beanft.train import views
from beanft.train.blueprint import bp

__all__ = ["bp", "views"]
