"""How a model was made: its settings in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from beanft.engine.learning.learners import LEARNER
from beanft.filters import number, percent
from beanft.models import Run

_YES = {True: "yes", False: "no"}


def settings_of(run: Run, runs: Sequence[Run]) -> list[tuple[str, str]]:
    """Each setting with its value; `runs` are those of the experiment, of which an ensemble weighs some.

    Old runs keep their settings as one text, which is none of these.
    """
    given = run.facts.get("settings")
    if not isinstance(given, Mapping):
        return []
    learner = LEARNER.get(run.learner)
    titles = {one.key: one.title for one in learner.settings} if learner else {}
    runs_by_key = {one.key: one.title for one in runs}
    return [
        (titles.get(key, key.replace("_", " ").capitalize()), _written(value, runs_by_key))
        for key, value in given.items()
        if value is not None
    ]


def _written(value: Any, titles: Mapping[str, str]) -> str:
    """A value in words; a mapping holds the shares of runs."""
    if isinstance(value, Mapping):
        return ", ".join(f"{titles.get(key, key)} {percent(share)}" for key, share in value.items())
    return _YES[value] if isinstance(value, bool) else number(value)
