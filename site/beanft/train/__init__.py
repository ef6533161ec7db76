"""Train: experiments, runs and the reports of models."""

from beanft.train.views import bp

__all__ = ["bp"]
