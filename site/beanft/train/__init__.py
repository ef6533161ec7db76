"""Train: experiments, runs and the reports of models."""

from beanft.train import views
from beanft.train.ask import views as ask_views
from beanft.train.blueprint import bp
from beanft.train.cards import views as card_views
from beanft.train.champions import views as champion_views
from beanft.train.compare import views as compare_views
from beanft.train.deletion import views as deletion_views
from beanft.train.explain import views as explain_views
from beanft.train.reports import views as report_views
from beanft.train.sentinel import views as sentinel_views
from beanft.train.threshold import views as threshold_views
from beanft.train.verification import views as verification_views

__all__ = [
    "ask_views",
    "bp",
    "card_views",
    "champion_views",
    "compare_views",
    "deletion_views",
    "explain_views",
    "report_views",
    "sentinel_views",
    "threshold_views",
    "verification_views",
    "views",
]
