"""What all pages say alike of a model: its scores as judged, what limits them, and its threshold by now."""

from beanft.agreed.judged import agreed_report, judged_figures, with_judged, worst_first
from beanft.agreed.limits import Answered, answered_of, limits_of_experiment, limits_of_model, repeats
from beanft.agreed.threshold import is_outdated, table_of, threshold_in_use

__all__ = [
    "Answered",
    "agreed_report",
    "answered_of",
    "is_outdated",
    "judged_figures",
    "limits_of_experiment",
    "limits_of_model",
    "repeats",
    "table_of",
    "threshold_in_use",
    "with_judged",
    "worst_first",
]
