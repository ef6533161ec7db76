"""What is kept beside a model of how far its predictions can be trusted; made where it is not there yet."""

import json
import logging
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np

from beanft.engine.atomic import whole
from beanft.engine.errors import EngineError
from beanft.engine.learning.evidence import open_evidence
from beanft.engine.learning.serving.shelf import Shelf
from beanft.engine.learning.uncertainty.making import Made, make
from beanft.engine.learning.uncertainty.numbers import Bands
from beanft.engine.learning.uncertainty.quantiles import LEVELS
from beanft.engine.learning.uncertainty.sayings import sentences
from beanft.engine.learning.uncertainty.scales import scale_from
from beanft.engine.learning.uncertainty.sets import Sets
from beanft.engine.tables.files import sha256_of

_NOTHING = "How far its predictions can be trusted is not known: it left no predictions of unseen rows."
_SCALE = "scale."
_SOURCES = ("oof", "holdout")
_WEIGHTS = "column_weights"  # “weights” of earlier releases has guesses among what was measured
_OF_THE_MODEL = ("row_s", "all_rows", _WEIGHTS)  # known at the end of the training only
_ODD = (  # what files can raise that are damaged or not what they should be
    EngineError, OSError, ValueError, TypeError, LookupError, ArithmeticError, EOFError, BadZipFile,
    zlib.error,
)  # fmt: skip
_MADE_KB = 1_024  # of what was made and could not be kept on disk

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
        offered = ", ".join(f"{100 * one:g}" for one in LEVELS)
        raise EngineError(f"Choose one of these levels: {offered} %.")
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
    sources = json.dumps(_sources(folder, key))
    arrays: dict[str, Any] = {"facts": np.array(json.dumps(made.facts)), "sources": np.array(sources)}
    if isinstance(made.rule, Bands):
        arrays |= {"bounds": made.rule.bounds, "flags": np.array([made.rule.whole, made.rule.positive])}
        arrays |= {_SCALE + name: array for name, array in made.rule.scale.arrays().items()}
    else:
        arrays |= {"least": made.rule.least, "basis": made.rule.basis}
    with whole(file_of(folder, key)) as part, part.open("wb") as stream:
        np.savez_compressed(stream, **arrays)


def load_uncertainty(folder: Path, key: str, *, all_rows: bool | None = None) -> Uncertainty:
    """Open what is known of a model's uncertainty; it is made of the evidence where it is not kept yet.

    Parameters
    ----------
    folder : Path
        The experiment's folder.
    key : str
        Key of the run.
    all_rows : bool, optional
        Whether the model has learned from the locked rows since they were opened, as its file says. It is
        believed where nothing was kept of that.

    Returns
    -------
    Uncertainty
        Shared between callers. Without evidence it has nothing but the reason.
    """
    folder = Path(folder)
    kept = _kept(folder, key)
    if kept is None or _is_changed(kept.sources, folder, key):
        known: Uncertainty = _late.get(
            (str(folder), key), _marks(folder, key), lambda: (_made_late(folder, key, kept), _MADE_KB << 10)
        )
    else:
        known = kept.known
    if all_rows is None or known.rule is None or "all_rows" in known.known:
        return known
    return replace(known, known={**known.known, "all_rows": all_rows})


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
        By column, 0 or more, of those that were measured; None where none was.
    """
    weights: dict[str, float] | None = _known(folder, key).get(_WEIGHTS)
    return weights


def keep_weights(folder: Path, key: str, weights: Mapping[str, float]) -> None:
    """Keep what was measured of the columns since; where nothing else is kept of the model, neither is this.

    Parameters
    ----------
    folder : Path
        The experiment's folder.
    key : str
        Key of the run.
    weights : mapping of str to float
        As `by_name` gives it.
    """
    kept = _kept(Path(folder), key)
    if kept is None or kept.known.rule is None or _is_changed(kept.sources, Path(folder), key):
        return
    made = Made(rule=kept.known.rule, facts={**kept.known.known, _WEIGHTS: dict(weights)})
    try:
        save_uncertainty(Path(folder), key, made)
    except OSError as error:  # they are measured again by the next process
        _log.warning("the weights of the columns of %s could not be kept: %s", key, error)


def by_name(names: Sequence[str], weights: np.ndarray) -> dict[str, float]:
    """Name the weights of the columns that were measured.

    Parameters
    ----------
    names : sequence of str
        All columns.
    weights : array of shape (n_columns,)
        NaN where nothing was measured.

    Returns
    -------
    dict of str to float

    Examples
    --------
    >>> by_name(["a", "b"], np.array([0.5, np.nan]))
    {'a': 0.5}
    """
    pairs = zip(names, weights.tolist(), strict=True)
    return {name: weight for name, weight in pairs if np.isfinite(weight)}


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


class _Kept(NamedTuple):
    known: Uncertainty
    sources: Mapping[str, str]


_late = Shelf(16 << 20)


def _known(folder: Path, key: str) -> Mapping[str, Any]:
    kept = _kept(Path(folder), key)
    return {} if kept is None else kept.known.known


def _kept(folder: Path, key: str) -> _Kept | None:
    """What lies beside the model; None where nothing does, or nothing that can be read."""
    path = file_of(folder, key)
    mark = _mark(path)
    return None if mark is None else _opened(path, mark)


def _sources(folder: Path, key: str) -> dict[str, str]:
    """Digest of each file that it is made of, of those that are there."""
    digests = {}
    for name, path in _source_files(folder, key).items():
        mark = _mark(path)
        if mark is not None:
            digests[name] = _digest(path, mark)
    return digests


def _is_changed(sources: Mapping[str, str], folder: Path, key: str) -> bool:
    """Whether a run ran again since, with other predictions; when files were written says nothing of that.

    Files of before have no digests; they were made at the end of their training, and are believed.
    """
    if not sources:
        return False
    return any(sources.get(name) != digest for name, digest in _sources(folder, key).items())


def _source_files(folder: Path, key: str) -> dict[str, Path]:
    return {name: Path(folder) / f"{key}.{name}.npy" for name in _SOURCES}


def _marks(folder: Path, key: str) -> tuple[tuple[int, ...] | None, ...]:
    """Tells whether anything changed that it could be made of."""
    more = (folder / "evidence.json", folder / "rows.npz")
    return tuple(_mark(path) for path in (*_source_files(folder, key).values(), *more))


def _mark(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


@lru_cache(maxsize=256)
def _digest(path: Path, mark: tuple[int, ...]) -> str:  # noqa: ARG001  # the cache's key
    return sha256_of(path)


def _made_late(folder: Path, key: str, kept: _Kept | None) -> Uncertainty:
    """Make it of what the experiment left; files that are not as they should be leave it unknown.

    Where it cannot be kept on disk, it is used all the same.
    """
    try:
        made = make(open_evidence(folder), key)
    except _ODD as error:
        _log.warning("no uncertainty of %s: %s", key, error)
        return Uncertainty(rule=None, reason=_NOTHING, folder=folder)
    made = replace(made, facts=made.facts | _carried(folder, key, kept))
    try:
        save_uncertainty(folder, key, made)
    except OSError as error:
        _log.warning("the uncertainty of %s could not be kept: %s", key, error)
    else:
        saved = _kept(folder, key)
        if saved is not None:
            return saved.known
    return Uncertainty(rule=made.rule, known=made.facts, folder=folder)


def _carried(folder: Path, key: str, kept: _Kept | None) -> dict[str, Any]:
    """What only the end of the training could measure, if the model is still the same."""
    if kept is None or kept.sources.get("oof") != _sources(folder, key).get("oof"):
        return {}
    return {name: kept.known.known[name] for name in _OF_THE_MODEL if name in kept.known.known}


@lru_cache(maxsize=32)
def _opened(path: Path, mark: tuple[int, ...]) -> _Kept | None:  # noqa: ARG001  # the cache's key
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        known, sources = json.loads(str(arrays["facts"])), json.loads(str(arrays.get("sources", "{}")))
        rule = _bands(known, arrays) if known["kind"] == "numbers" else _sets(arrays)
    except _ODD:
        return None
    return _Kept(Uncertainty(rule=rule, known=known, folder=path.parent), sources)


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
