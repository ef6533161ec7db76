"""Finds dated rows that are cut by chance although early rows do not tell what late ones do."""

import re
from collections.abc import Iterator

import numpy as np

from beanft.engine.checks.training.asked import Asked
from beanft.engine.checks.training.coding import as_numbers
from beanft.engine.checks.training.quick import predict_by_one, predict_unseen
from beanft.engine.checks.training.scores import auc, losses, spread, steadily_better
from beanft.engine.checks.training.unlooked import ROWS, TIME, NotLookedError
from beanft.engine.findings import Finding
from beanft.engine.tables.wording import shown

_GAP = 0.02  # of the target's variation
_SURE, _LIKELY = 3.0, 1.0  # standard errors: of both directions in time, and of each
_FEWEST_ROWS = 150
_FEWEST_MOMENTS = 12
_FILLED = 0.5
_BLOCKS = 20  # of time: rows of one hang together
_MOST_TRIED = 2
_LATE = 2 / 3  # of the rows are early
_TELLS_TIME = 0.8  # ROC AUC of one column that tells early rows from late ones

_PART = re.compile(r"date|time|year|month|week|day|hour|quarter|season", re.IGNORECASE)


def find(asked: Asked) -> Iterator[Finding]:
    """Predict the latest third by models of earlier rows only, and by models of rows of all times.

    Parameters
    ----------
    asked : Asked
        The question; nothing is looked for where the rows are cut by time or by groups already: of these the
        locked ones are strangers, and to train by time would put rows of one group on both sides.

    Yields
    ------
    Finding
        A warning where the latter are better, a note where a column tells the time.

    Raises
    ------
    NotLookedError
        There is no such date, or not enough rows or time to tell.
    """
    known = {} if asked.by else _known_dates(asked)
    if not known:
        raise NotLookedError
    if len(asked.sample) < _FEWEST_ROWS:
        raise NotLookedError(ROWS, _too_few(next(iter(known)), len(asked.sample)))
    for name, moments in known.items():
        if asked.late:
            raise NotLookedError(TIME)
        found = _forward(asked, name, moments) or _tells_time(asked, name, moments)
        if found:
            yield found
            return


def concerns(asked: Asked) -> bool:
    """Tell whether rows that have a date were cut by chance.

    Parameters
    ----------
    asked : Asked
        The question.

    Returns
    -------
    bool
    """
    return not asked.by and any(asked.kind(name) == "date" for name in asked.names)


def _known_dates(asked: Asked) -> dict[str, np.ndarray]:
    """Moments of the sampled rows in the first dates that are filled and differ."""
    dates = [name for name in asked.names if asked.kind(name) == "date"][:_MOST_TRIED]
    moments = {name: as_numbers(asked.column_values(name))[asked.sample] for name in dates}
    return {
        name: cells
        for name, cells in moments.items()
        if (~np.isnan(cells)).mean() >= _FILLED and len(np.unique(cells[~np.isnan(cells)])) >= _FEWEST_MOMENTS
    }


def _too_few(name: str, n_rows: int) -> Finding:
    """Of fewer rows the comparison gave false alarms; by time nothing can be flattered."""
    return Finding(
        code="unchecked-dates",
        severity="note",
        columns=(name,),
        sentence=(
            f"The rows have a date, {shown(name)}, but are cut by chance, and it could not be checked "
            f"whether that flatters the score: {n_rows:,} rows to learn from are too few to tell, "
            f"{_FEWEST_ROWS} are needed."
        ),
        figure=float(n_rows),
        remedy=(
            f"The safe choice is to train by time: learn from rows that are early in {shown(name)} and check "
            "on late ones."
        ),
    )


def _forward(asked: Asked, name: str, moments: np.ndarray) -> Finding | None:
    """Chance may favour one of two models: what is missing must be missed forwards and backwards."""
    (early, late), y = _cut(moments, _LATE), asked.y_sample
    base = spread(y, asked.n_classes)
    if base <= 0 or not len(late):
        return None
    told, chance = _told(asked, early, late)
    better = steadily_better(told - chance, _blocks(moments[late]))
    if (told - chance).mean() < _GAP * base or better < _LIKELY:
        return None
    first, rest = _cut(moments, 1 - _LATE)
    back, chance_back = _told(asked, rest, first)
    better_back = steadily_better(back - chance_back, _blocks(moments[first]))
    if (back - chance_back).mean() < _GAP / 2 * base or better_back < _LIKELY:
        return None
    if (better + better_back) / 2**0.5 < _SURE:
        return None
    return _shuffled(name, float(told.mean()), float(chance.mean()), base, len(late))


def _blocks(moments: np.ndarray) -> np.ndarray:
    """Number the rows by blocks of time of about equally many rows."""
    blocks: np.ndarray = np.argsort(np.argsort(moments, kind="stable")) * _BLOCKS // len(moments)
    return blocks


def _told(asked: Asked, train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Losses on some rows of a model of the others only, and of models of rows of all times."""
    y = asked.y_sample
    told = predict_unseen(asked.coded, y, asked.n_classes, [(train, test)], asked.seed)[test]
    return losses(y[test], told), losses(y[test], asked.unseen[test])


def _shuffled(name: str, told: float, chance: float, base: float, n_late: int) -> Finding:
    return Finding(
        code="shuffled-dates",
        severity="warning",
        columns=(name,),
        sentence=(
            f"The rows have a date, {shown(name)}, but are cut by chance. Forecast from earlier rows only, "
            f"the latest third has a mean squared error {_more(100 * (told / max(chance, 1e-12) - 1))} than "
            f"forecast from rows of all times ({n_late:,} rows, by a quick model)."
        ),
        figure=(told - chance) / base,
        remedy=(
            f"If the model will forecast later rows, train by time: learn from rows that are early in "
            f"{shown(name)} and check on late ones."
        ),
    )


def _more(percent: float) -> str:
    return f"{percent:.0f} % larger" if percent < 200 else f"{percent / 100 + 1:.1f} times larger"


def _tells_time(asked: Asked, name: str, moments: np.ndarray) -> Finding | None:
    """A note where some column tells early from late rows: what is learned may not last."""
    early, late = _cut(moments, _LATE)
    rows = np.sort(np.concatenate([early, late]))
    is_late = np.isin(rows, late).astype(int)
    thirds = [(np.flatnonzero(rows % 3 != k), np.flatnonzero(rows % 3 == k)) for k in range(3)]
    best, best_name = 0.0, ""
    for other, values, mark in zip(
        asked.coded.names, asked.coded.values.T, asked.coded.is_category, strict=True
    ):
        if asked.profile.column(other).kind == "date" or _PART.search(other) or asked.late:
            continue
        told = predict_by_one(values[rows], is_category=bool(mark), y=is_late, n_classes=2, parts=thirds)
        value = auc(is_late == 1, told[:, 1])
        best, best_name = max((best, best_name), (value, other))
    if best < _TELLS_TIME:
        return None
    return Finding(
        code="shuffled-dates",
        severity="note",
        columns=(name,),
        sentence=(
            f"The rows have a date, {shown(name)}, but are cut by chance, and {shown(best_name)} tells early "
            f"rows from late ones (ROC AUC {best:.2f})."
        ),
        figure=best,
        remedy=f"If the model will forecast later rows, train by time ({shown(name)}).",
    )


def _cut(moments: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the rows up to a share of all in time, and of the later ones; a moment is on one side."""
    known = np.flatnonzero(~np.isnan(moments))
    border = np.quantile(moments[known], share)
    return known[moments[known] <= border], known[moments[known] > border]
