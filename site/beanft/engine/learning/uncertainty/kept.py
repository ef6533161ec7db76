"""What is kept beside a model of how far its predictions can be trusted; made where it is not there yet."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from beanft.engine.errors import EngineError
from beanft.engine.learning.evidence import open_evidence
from beanft.engine.learning.uncertainty.making import Made, make
from beanft.engine.learning.uncertainty.numbers import Bands
from beanft.engine.learning.uncertainty.quantiles import LEVELS
from beanft.engine.learning.uncertainty.sayings import sentences
from beanft.engine.learning.uncertainty.scales import scale_from
from beanft.engine.learning.uncertainty.sets import Sets

_NOTHING = "How far its predictions can be trusted is not known: it left no predictions of unseen rows."
_SCALE = "scale."

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Uncertainty:
    """Intervals or sets of a model, and what was measured of them."""

    rule: Bands | Sets | None
    """What makes them; None where nothing is known."""
    known: Mapping[str, Any] = field(default_factory=dict)
    """What was measured, as `making.Made.facts`."""
    reason: str = ""
    """Why nothing is known; else empty."""
    folder: Path | None = None
    """The experiment's folder, where rows for comparing may lie."""

    @property
    def levels(self) -> tuple[float, ...]:
        """The levels that can be chosen."""
        return LEVELS

    def why_not(self, level: float) -> str:
        """Say why there is no interval or set at a level; empty where there is one.

        Raises
        ------
        EngineError
            When it is none of the levels.
        """
        checked_level(level)
        if self.rule is None:
            return self.reason
        return str(self.known["levels"][str(level)].get("why_not", ""))

    def facts(self, level: float = 0.9) -> dict[str, Any]:
        """What was measured at a level, as plain JSON with sentences.

        Parameters
        ----------
        level : float
            One of the levels.

        Returns
        -------
        dict
            kind, level, available, why_not, n_calibration, measured (locked and unseen: n, covered, coverage,
            low, high), groups, scale, sentences and more.
        """
        why_not = self.why_not(level)
        facts: dict[str, Any] = {
            "kind": self.known.get("kind"),
            "level": level,
            "levels": list(LEVELS),
            "available": not why_not,
            "why_not": why_not,
            "n_calibration": self.known.get("n_calibration", 0),
            "by": self.known.get("by", ""),
            "measured": {"locked": None, "unseen": None},
            "groups": [],
            "sentences": [why_not] if why_not else [],
        }
        if why_not:
            return facts
        found: dict[str, Any] = self.known["levels"][str(level)]
        said = sentences(
            found,
            kind=self.known["kind"],
            level=level,
            by=self.known["by"],
            all_rows=bool(self.known.get("all_rows")),
        )
        more = {name: self.known[name] for name in ("scale", "shape", "whole") if name in self.known}
        return facts | more | found | {"why_not": "", "sentences": said}


def checked_level(level: float) -> float:
    """Give the level back when it is one that can be chosen.

    Parameters
    ----------
    level : float
        Share of rows, 0..1.

    Returns
    -------
    float

    Raises
    ------
    EngineError
        When it is not.

    Examples
    --------
    >>> checked_level(0.9)
    0.9
    """
    if level not in LEVELS:
        offered = ", ".join(str(one) for one in LEVELS)
        raise EngineError(f"The level {level} is not offered. Choose one of: {offered}.")
    return level


def save_uncertainty(folder: Path, key: str, made: Made) -> None:
    """Keep it beside the model, written whole or not at all.

    Parameters
    ----------
    folder : Path
        The experiment's folder.
    key : str
        Key of the run.
    made : Made
        What `making.make` gave.
    """
    arrays: dict[str, Any] = {"facts": np.array(json.dumps(made.facts))}
    if isinstance(made.rule, Bands):
        arrays |= {"bounds": made.rule.bounds, "flags": np.array([made.rule.whole, made.rule.positive])}
        arrays |= {_SCALE + name: array for name, array in made.rule.scale.arrays().items()}
    else:
        arrays |= {"least": made.rule.least, "basis": made.rule.basis}
    path = file_of(folder, key)
    part = path.with_name(f"{path.name}.{uuid4().hex}.part")
    with part.open("wb") as stream:
        np.savez_compressed(stream, **arrays)
    part.replace(path)


def load_uncertainty(folder: Path, key: str) -> Uncertainty:
    """Open what is known of a model's uncertainty; it is made of the evidence where it is not kept yet.

    Parameters
    ----------
    folder : Path
        The experiment's folder.
    key : str
        Key of the run.

    Returns
    -------
    Uncertainty
        Shared between callers. Without evidence it has nothing but the reason.
    """
    path = file_of(folder, key)
    if _is_due(path, folder, key):
        _make_late(folder, key)
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        return Uncertainty(rule=None, reason=_NOTHING, folder=folder)
    return _opened(path, changed)


def column_weights(folder: Path, key: str) -> dict[str, float] | None:
    """Read how far a shuffle of each column moves a model's predictions.

    Parameters
    ----------
    folder : Path
        The experiment's folder.
    key : str
        Key of the run.

    Returns
    -------
    dict of str to float, or None
        By column, 0 or more; None where it was not measured at the end of the training.
    """
    weights: dict[str, float] | None = _known(folder, key).get("weights")
    return weights


def row_seconds(folder: Path, key: str) -> float | None:
    """Read how long a model takes to predict a row among some hundred.

    Parameters
    ----------
    folder : Path
        The experiment's folder.
    key : str
        Key of the run.

    Returns
    -------
    float or None
        Seconds; None where it was not measured at the end of the training.
    """
    seconds: float | None = _known(folder, key).get("row_s")
    return seconds


def file_of(folder: Path, key: str) -> Path:
    """Tell where it is kept.

    Parameters
    ----------
    folder : Path
        The experiment's folder.
    key : str
        Key of the run.

    Returns
    -------
    Path
    """
    return Path(folder) / f"{key}.uncertainty.npz"


def _known(folder: Path, key: str) -> Mapping[str, Any]:
    path = file_of(folder, key)
    try:
        return _opened(path, path.stat().st_mtime_ns).known
    except OSError:
        return {}


def _is_due(path: Path, folder: Path, key: str) -> bool:
    """Whether there is no file yet, or one that is older than what it was made of: a run that ran again."""
    try:
        made = path.stat().st_mtime_ns
    except OSError:
        return True
    sources = [Path(folder) / f"{key}.{name}.npy" for name in ("oof", "holdout")]
    return any(source.stat().st_mtime_ns > made for source in sources if source.exists())


def _make_late(folder: Path, key: str) -> None:
    """Make it of what the experiment left; a folder that cannot be read or written leaves it unknown."""
    try:
        save_uncertainty(folder, key, make(open_evidence(Path(folder)), key))
    except (EngineError, OSError) as error:
        _log.info("no uncertainty of %s: %s", key, error)


@lru_cache(maxsize=32)
def _opened(path: Path, changed: int) -> Uncertainty:  # noqa: ARG001  # the cache's key
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        known = json.loads(str(arrays["facts"]))
        rule = _bands(known, arrays) if known["kind"] == "numbers" else _sets(arrays)
    except (OSError, ValueError, KeyError):
        return Uncertainty(rule=None, reason=_NOTHING, folder=path.parent)
    return Uncertainty(rule=rule, known=known, folder=path.parent)


def _bands(known: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Bands:
    own = {name.removeprefix(_SCALE): array for name, array in arrays.items() if name.startswith(_SCALE)}
    whole, positive = arrays["flags"].tolist()
    return Bands(
        scale=scale_from(known["scale"], own),
        shape=known["shape"],
        bounds=arrays["bounds"],
        whole=whole,
        positive=positive,
    )


def _sets(arrays: Mapping[str, np.ndarray]) -> Sets:
    return Sets(least=arrays["least"], basis=arrays["basis"])
