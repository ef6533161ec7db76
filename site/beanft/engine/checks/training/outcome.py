"""What the checks after a training are told of its end."""

from dataclasses import dataclass

from beanft.engine.learning.metrics import METRIC


@dataclass(frozen=True, kw_only=True)
class Scored:
    """A score with its 95 % interval."""

    value: float
    """The score."""
    low: float
    """Lower end."""
    high: float
    """Upper end."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The end of a training: scores of the final model in the metric that ranks."""

    metric: str
    """Key of the metric."""
    title: str
    """Name of the final model."""
    folds: Scored | None
    """On development rows while they were unseen."""
    holdout: Scored | None
    """On the locked rows."""
    baseline: Scored | None
    """Of the baseline, on the locked rows."""

    @property
    def greater_is_better(self) -> bool:
        """Direction of the metric."""
        return METRIC[self.metric].greater_is_better

    @property
    def metric_title(self) -> str:
        """Name of the metric."""
        return METRIC[self.metric].title
