"""What somebody wants to have learned from a table, read from plain values and checked by its profile."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from beanft.engine.learning.choices import Choices
from beanft.engine.learning.question import check_choice, row_limit, without_role
from beanft.engine.tables.columns import Column, Profile


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A target, what to learn it from, and how."""

    profile: Profile
    """Profile of the table, its columns in their roles; the target has none."""
    target: str
    """Column to predict."""
    features: tuple[str, ...]
    """Columns to predict from, as they were chosen."""
    task: str
    """classification or regression."""
    metric: str
    """Key of the metric that ranks; empty for the headline of the task."""
    learners: tuple[str, ...]
    """Keys of LEARNERS."""
    choices: Choices
    """Validation, class weights and settings."""
    seed: int
    """Seed of everything random."""
    max_rows: int
    """Rows learned from at most."""

    @property
    def answer(self) -> Column:
        """What is known of the target."""
        return self.profile.column(self.target)

    def names(self, groups: Collection[str]) -> list[str]:
        """Features to learn from, each once: neither the target nor what groups the rows."""
        left_out = {self.target, *groups}
        return [name for name in dict.fromkeys(self.features) if name not in left_out]

    def columns(self, names: Sequence[str]) -> list[Column]:
        """What is known of some columns."""
        return [self.profile.column(name) for name in names]

    def row_limit(self, names: Sequence[str]) -> int:
        """Rows that keep the prepared matrix of these features within bounds."""
        return row_limit(self.profile, names, self.task, self.target, self.max_rows)


def read_wish(
    *,
    profile: dict[str, Any],
    target: str,
    features: Sequence[str],
    task: str,
    learners: Sequence[str],
    metric: str = "",
    choices: Mapping[str, Any] | None = None,
    seed: int = 0,
    max_rows: int = 200_000,
) -> Wish:
    """Read a wish from the plain values that a job is handed.

    Parameters
    ----------
    profile : dict
        Profile of the table as JSON, its columns in their roles: rows of one group stay together, and where
        there is a time, learning is from earlier rows and checking on later ones.
    target : str
        Column to predict.
    features : sequence of str
        Columns to predict from; the target, identifiers, constants and the column in the role group among
        them are left out with a note.
    task : str
        classification or regression.
    learners : sequence of str
        Keys of LEARNERS; the baseline is always added.
    metric : str
        Key of the metric that ranks; empty for the headline of the task.
    choices : mapping, optional
        Validation, class weights and settings (Choices.to_dict).
    seed : int
        Seed of everything random: the same seed gives the same result, as long as no time limit cut it.
    max_rows : int
        Rows learned from at most.

    Returns
    -------
    Wish

    Raises
    ------
    EngineError
        The first choice that is not to be had, and what can be chosen instead.
    """
    known = without_role(Profile.from_dict(profile), target)
    check_choice(known, target, features, task, metric, learners)
    return Wish(
        profile=known,
        target=target,
        features=tuple(features),
        task=task,
        metric=metric,
        learners=tuple(learners),
        choices=Choices.from_dict(choices or {}),
        seed=seed,
        max_rows=max_rows,
    )
