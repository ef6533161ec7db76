"""How a model was made: its settings in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from beanft.engine.learning.calibration_kinds import NONE
from beanft.engine.learning.learners import LEARNER
from beanft.filters import number, percent
from beanft.models import Run

_YES = {True: "yes", False: "no"}
_MENDED = "Probabilities"


def settings_of(run: Run, runs: Sequence[Run]) -> list[tuple[str, str]]:
    """Each setting with its value; `runs` are those of the experiment, of which an ensemble weighs some.

    Old runs keep their settings as one text, which is none of these.
    """
    given = run.facts.get("settings")
    if not isinstance(given, Mapping):
        return []
    titles = _titles(run)
    members = {one.key: one for one in runs}
    told = [
        (titles.get(key, _plain(key).capitalize()), _written(value, members))
        for key, value in given.items()
        if value is not None and key != "calibration"
    ]
    if "calibration" in given and run.facts.get("task") == "classification":
        told.append((_MENDED, _calibration(given["calibration"])))
    return told


def _calibration(kind: str | None) -> str:
    """What is done to the probabilities; the curves say why."""
    return (
        "as the model gives them, not mended"
        if kind in (None, NONE)
        else f"mended afterwards ({kind} calibration)"
    )


def _titles(run: Run) -> dict[str, str]:
    learner = LEARNER.get(run.learner)
    return {one.key: one.title for one in learner.settings} if learner else {}


def _plain(key: str) -> str:
    return key.replace("_", " ")


def _written(value: Any, members: Mapping[str, Run]) -> str:
    """A value in words; a mapping holds the shares of runs, each told with its own settings."""
    if isinstance(value, Mapping):
        shares = sorted(value.items(), key=lambda one: -one[1])
        return ", ".join(f"{_member(key, members.get(key))} {percent(share)}" for key, share in shares)
    return _YES[value] if isinstance(value, bool) else number(value)


def _member(key: str, run: Run | None) -> str:
    """A run of an ensemble with its settings, such as “Gradient boosting (leaves 15, learning rate 0.05)”."""
    if run is None:
        return key
    given, titles = run.facts.get("settings"), _titles(run)
    if not isinstance(given, Mapping):
        return run.title
    told = [
        f"{titles.get(name, _plain(name)).lower()} {_written(value, {})}"
        for name, value in given.items()
        if value is not None and not isinstance(value, Mapping)
    ]
    return f"{run.title} ({', '.join(told)})" if told else run.title
