"""What the owner of an experiment may settle beyond its question: validation, classes, settings."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from beanft.engine.errors import EngineError
from beanft.engine.learning.learners import LEARNER
from beanft.engine.learning.sizes import HOLDOUT_SHARE

WAYS = ("", "chance", "group", "time")
"""How rows are cut: as the roles of the columns say, by chance, by groups, by time."""
WEIGHTS = ("", "balanced")
"""All rows count alike, or the rows of rare classes count more, so that every class weighs the same."""
HOLDOUT = (0.05, 0.5)
"""Least and greatest share of the rows that can be locked away."""
FOLDS = (2, 20)
"""Fewest and most folds."""


@dataclass(frozen=True, kw_only=True)
class Validation:
    """How the rows are cut into locked rows and folds."""

    by: str = ""
    """One of WAYS."""
    column: str = ""
    """Column of the groups or of the time; empty for the one in that role."""
    holdout: float = HOLDOUT_SHARE
    """Share of the rows locked away."""
    folds: int = 0
    """Folds; 0 for as many as the size of the table suggests."""

    def __post_init__(self) -> None:
        """Refuse what cannot be done."""
        if self.by not in WAYS:
            raise EngineError(f"Rows cannot be cut by “{self.by}”. Choose chance, group or time.")
        if not HOLDOUT[0] <= self.holdout <= HOLDOUT[1]:
            raise EngineError(
                f"The share of locked rows is {self.holdout:g}. Choose one from {HOLDOUT[0]} to {HOLDOUT[1]}."
            )
        if self.folds and not FOLDS[0] <= self.folds <= FOLDS[1]:
            raise EngineError(f"{self.folds} folds cannot be made. Choose from {FOLDS[0]} to {FOLDS[1]}.")


@dataclass(frozen=True, kw_only=True)
class Choices:
    """All of it; the defaults are what most people want."""

    validation: Validation = field(default_factory=Validation)
    """How the rows are cut."""
    class_weights: str = ""
    """One of WEIGHTS."""
    positive: str = ""
    """Of two classes the one to be found: precision, recall and F1 are about it. Empty for the last one."""
    distinct: bool = False
    """Whether rows that repeat another one in every feature and the target take part only once."""
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Settings of learners by their keys; such a learner is tried with these and not tuned."""

    def __post_init__(self) -> None:
        """Refuse what no learner has."""
        if self.class_weights not in WEIGHTS:
            raise EngineError(f"There are no class weights “{self.class_weights}”. Choose none or balanced.")
        for key, given in self.settings.items():
            if key not in LEARNER:
                raise EngineError(f"There is no learner “{key}”.")
            known = {setting.key: setting for setting in LEARNER[key].settings}
            for name, value in given.items():
                if name not in known:
                    raise EngineError(f"{LEARNER[key].title} has no setting “{name}”.")
                known[name].check(value, LEARNER[key].title)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_dict` made; missing parts are the defaults.

        Examples
        --------
        >>> Choices.from_dict({"validation": {"by": "time", "column": "day"}}).validation.column
        'day'
        """
        return cls(
            validation=Validation(**values.get("validation", {})),
            class_weights=values.get("class_weights", ""),
            positive=values.get("positive", ""),
            distinct=values.get("distinct", False),
            settings=values.get("settings", {}),
        )
