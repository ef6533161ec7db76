"""Finds columns whose values are on both sides of the split and are recognised there: patients, customers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupKFold

from beanft.engine.checks.training.asked import Asked
from beanft.engine.checks.training.coding import Coded, as_numbers, code
from beanft.engine.checks.training.quick import parts_by_chance, predict_unseen
from beanft.engine.checks.training.scores import explained, losses, steadily_better
from beanft.engine.checks.training.unlooked import ROWS, TIME, NotLookedError
from beanft.engine.findings import Finding
from beanft.engine.tables.wording import shown

_GAP = 0.02  # of the target's variation
_SURE = 3.0  # standard errors
_ROWS, _CELLS = 2_500, 80_000  # rows looked at, and cells, so fewer rows of wide tables
_FEWEST_WIDE = 600
_FEWEST_ROWS = 100
_MOST_TRIED = 3
_FEWEST_GROUPS, _FEWEST_NAMED = 12, 6
_MANY_GROUPS = 50  # from so many on words can be names of people, even if nothing else says so
_NEVER = ("date", "boolean", "constant")  # kinds that name nothing
_SMALLEST = 1.5  # rows of a group on average
_LARGEST = 60  # rows of a group on average; larger ones are categories, unless their name says otherwise
_PERSONAL = 20  # rows of a group on average, up to which its own number is a way to know it
_NAMED = re.compile(
    r"(?:^|[_\W])(?:id|ids|uid|key|no|nr|number|code)$|id$|patient|subject|person|customer|client|user|member|"
    r"account|household|family|device|machine|sensor|student|pupil|player|employee|worker|case|owner|entity|"
    r"group|site|store|shop|farm|animal|vehicle|author|session",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    """A column that may name entities."""

    name: str
    codes: np.ndarray
    """Of the development rows; -1 for missing."""
    n_groups: int
    size: float
    """Rows of a group on average."""
    named: bool
    """Whether its name says that it names something."""
    n_constant: int
    """Features that never change within a group."""


def find(asked: Asked) -> Iterator[Finding]:
    """Compare folds by chance with folds that keep the rows of a value together.

    Parameters
    ----------
    asked : Asked
        The question; nothing is looked for where the rows are cut by groups already.

    Yields
    ------
    Finding
        A warning for the column with the widest gap.

    Raises
    ------
    NotLookedError
        The rows are cut by groups, or there are not enough rows or time to tell.
    """
    if asked.by == "group":
        raise NotLookedError
    if len(asked.train) < _FEWEST_ROWS:
        raise NotLookedError(
            ROWS if any(_may_repeat(asked, name, named=True) for name in asked.names) else ""
        )
    found, is_late = list[Finding](), False
    for candidate in _candidates(asked)[:_MOST_TRIED]:
        is_late = asked.late
        if is_late:
            break
        finding = _measured(asked, candidate)
        if finding:
            found.append(finding)
    yield from sorted(found, key=lambda finding: -finding.figure)[:1]
    if is_late and not found:
        raise NotLookedError(TIME)


def concerns(asked: Asked) -> bool:
    """Tell by the profile alone whether some column may name entities; `find` knows it better.

    Parameters
    ----------
    asked : Asked
        The question.

    Returns
    -------
    bool
    """
    return asked.by != "group" and any(_may_repeat(asked, name) for name in asked.names)


def _may_repeat(asked: Asked, name: str, *, named: bool = False) -> bool:
    """Whether the values of a column come up several times each; where asked, only one named as names are."""
    column, is_named = asked.profile.column(name), bool(_NAMED.search(name))
    if column.kind in _NEVER or (named and not is_named):
        return False
    size = (asked.profile.n_rows - column.n_missing) / max(1, column.n_distinct)
    fewest = _FEWEST_NAMED if is_named else _FEWEST_GROUPS
    return column.n_distinct >= fewest and size >= _SMALLEST and (size <= _LARGEST or is_named)


def _measured(asked: Asked, candidate: _Candidate) -> Finding | None:
    most = max(_FEWEST_WIDE, min(_ROWS, _CELLS // asked.X.shape[1]))
    rows = _whole_groups(candidate.codes, most, asked.seed)
    y = asked.few[0][rows]
    groups = candidate.codes[rows]
    if len(np.unique(groups)) < 3 or (y == y[0]).all():
        return None
    X = _features(asked, candidate, rows)
    chance = predict_unseen(
        X, y, asked.n_classes, parts_by_chance(y, asked.n_classes, asked.seed), asked.seed
    )
    kept = list(GroupKFold(3, shuffle=True, random_state=asked.seed).split(X.values, groups=groups))
    apart = predict_unseen(X, y, asked.n_classes, kept, asked.seed)
    by_chance, by_group = (max(0.0, explained(y, said)) for said in (chance, apart))
    sure = steadily_better(losses(y, apart) - losses(y, chance), groups)
    if by_chance - by_group < _GAP or sure < _SURE:  # to be worse than guessing apart is no help together
        return None
    return _finding(asked, candidate.name, by_chance, by_group, len(rows))


def _finding(asked: Asked, name: str, chance: float, apart: float, n_rows: int) -> Finding:
    return Finding(
        code="same-entity",
        severity="warning",
        columns=(name,),
        sentence=(
            f"Rows of one {shown(name)} are on both sides of the split, and that helps: "
            f"{_percent(chance)} of the variation of {shown(asked.target)} is explained, but "
            f"{_percent(apart)} for a {shown(name)} never seen before. Measured on {n_rows:,} rows "
            "by a quick model."
        ),
        figure=chance - apart,
        remedy=(
            f"If new rows will be of others than these, train with the rows of one {shown(name)} kept "
            "together. If they will be of the same, keep it as it is."
        ),
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share > 0.005 else "nothing"


def _features(asked: Asked, candidate: _Candidate, rows: np.ndarray) -> Coded:
    """Features of the rows; the column itself only where its values are personal, not a category."""
    X = code(asked.dev.iloc[rows])
    personal = candidate.size <= _PERSONAL or candidate.named
    return X if personal else X.without(candidate.name)


def _whole_groups(codes: np.ndarray, most: int, seed: int) -> np.ndarray:
    """Rows of groups drawn one after another until there are enough."""
    n = np.bincount(codes[codes >= 0])
    order = np.random.default_rng(seed).permutation(len(n))
    taken = order[: int(np.searchsorted(np.cumsum(n[order]), most)) + 1]
    return np.flatnonzero(np.isin(codes, taken))[: 2 * most]


def _candidates(asked: Asked) -> list[_Candidate]:
    found = [one for name in asked.names for one in [_candidate(asked, name)] if one is not None]
    return sorted(found, key=lambda one: (not one.named, -one.n_constant, -one.n_groups))


def _candidate(asked: Asked, name: str) -> _Candidate | None:
    values = asked.column_values(name)
    if not _may_name(values):
        return None
    codes, levels = pd.factorize(values)
    n_known, named = int((codes >= 0).sum()), bool(_NAMED.search(name))
    size = n_known / max(1, len(levels))
    fewest = _FEWEST_NAMED if named else _FEWEST_GROUPS
    if n_known < _FEWEST_ROWS or len(levels) < fewest or size < _SMALLEST or (size > _LARGEST and not named):
        return None
    n_constant = _n_constant(asked, name, codes)
    plain = size > _PERSONAL or len(levels) < _MANY_GROUPS or pd.api.types.is_numeric_dtype(values)
    if plain and not named and not n_constant:
        return None  # an age, a price or a category such as a city
    return _Candidate(
        name=name, codes=codes, n_groups=len(levels), size=size, named=named, n_constant=n_constant
    )


def _may_name(values: pd.Series) -> bool:
    """Words and whole numbers can; dates, truth values and fractions cannot."""
    if pd.api.types.is_bool_dtype(values) or pd.api.types.is_datetime64_any_dtype(values):
        return False
    if not pd.api.types.is_numeric_dtype(values):
        return True
    numbers = as_numbers(values)
    return not bool((numbers[~np.isnan(numbers)] % 1).any())


def _n_constant(asked: Asked, name: str, codes: np.ndarray) -> int:
    """Features of some variety that never change within the groups, as far as the sample shows."""
    groups = codes[asked.sample]
    known = groups >= 0
    n = 0
    for other, values in zip(asked.coded.names, asked.coded.values.T, strict=True):
        cells = values[known].astype(np.int64)
        if other == name or len(np.unique(cells)) < 3:
            continue
        pairs = np.unique(groups[known] * (cells.max() + 2) + cells + 1)
        n += len(pairs) <= 1.02 * len(np.unique(groups[known]))
    return n
