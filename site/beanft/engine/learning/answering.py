"""The answer to checked rows: what is predicted, how far to trust it, and what to beware of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from beanft.engine.learning.answers import (
    FAR,
    LATER,
    MISSING,
    NO_INTERVAL,
    OUTSIDE,
    RANGE,
    UNKNOWN,
    UNREADABLE,
    UNSURE,
    Answers,
    improbable,
    many,
)
from beanft.engine.learning.checking.ranges import until
from beanft.engine.learning.inputs import Checked
from beanft.engine.learning.predict import answer_of, applies
from beanft.engine.learning.serving.rows import code_rows, predict_coded
from beanft.engine.learning.uncertainty.comparing import Compared, compared_of
from beanft.engine.learning.uncertainty.kept import Uncertainty, checked_level
from beanft.engine.learning.uncertainty.numbers import Bands
from beanft.engine.learning.uncertainty.sets import Sets

if TYPE_CHECKING:  # loads scikit-learn, which the model itself does when it is opened
    from beanft.engine.learning.search.coding import Coded

_UNSURE = 0.1  # of a number: its interval is nearly as wide as one that looks at no column
_MANY_MISSING = 0.2  # share of the columns without a value that is never called too many
_NOT_GIVEN = "How far this model's predictions can be trusted was not asked for."


def answer_rows(
    model: Mapping[str, Any],
    checked: Checked,
    *,
    uncertainty: Uncertainty | None = None,
    level: float = 0.9,
    threshold: Mapping[str, Any] | None = None,
) -> Answers:
    """Answer rows; what is said of a row does not depend on the rows around it.

    Parameters
    ----------
    model : mapping
        What a model file holds.
    checked : Checked
        Rows without errors, as the checker gives them.
    uncertainty : Uncertainty, optional
        What is known of the model's errors; without it there are neither intervals nor sets.
    level : float
        Share of rows whose truth intervals and sets are to hold: one of quantiles.LEVELS.
    threshold : mapping, optional
        The one that the model's owner chose, see `predict.answer_of`.

    Returns
    -------
    Answers

    Raises
    ------
    EngineError
        The level is not offered.
    """
    checked_level(level)
    labels, coded = tuple(model["labels"]), code_rows(model, checked.columns)
    predicted = predict_coded(model, coded)
    threshold = threshold if threshold and applies(threshold, labels) else None
    values = answer_of(predicted, labels, threshold)
    known = uncertainty or Uncertainty(rule=None, reason=_NOT_GIVEN)
    trust = (
        _trust_classes(known, level, predicted, _codes(values, labels))
        if labels
        else _trust_numbers(known, level, predicted, coded)
    )
    compared = compared_of(model, known.folder)
    columns = _columns_warned(checked, model)
    flags = {code: _any(rows, len(values)) for code, rows in columns.items()}
    flags |= _strange(checked, compared, coded)
    flags[UNSURE] = _unsure(trust, labels)
    flags[NO_INTERVAL] = np.full(len(values), bool(known.why_not(level)))
    return Answers(
        labels=labels,
        values=values,
        predicted=predicted,
        level=level,
        low=trust.low,
        high=trust.high,
        sets=trust.sets,
        confidence=np.where(_outside(flags, len(values)), np.nan, trust.confidence),
        flags={code: rows for code, rows in flags.items() if rows.any()},
        columns=columns,
        given=checked.columns,
        schema={column["name"]: column for column in model["schema"]},
        why_not=known.why_not(level),
        usual_words=compared.familiar.usual_words if compared else "",
        all_rows=bool(model.get("all_rows")),
    )


def matrix_of(coded: "Coded") -> np.ndarray:
    """Give the numbers of rows that scales by columns ask for.

    Parameters
    ----------
    coded : Coded
        Rows.

    Returns
    -------
    array of shape (n_rows, n_parts), float64
        Numbers, then codes; NaN where nothing is known.

    Examples
    --------
    >>> from beanft.engine.learning.search.coding import Coded
    >>> matrix_of(Coded(numbers=np.ones((1, 1)), codes=np.array([[-1]]), words=())).tolist()
    [[1.0, nan]]
    """
    codes = np.where(coded.codes < 0, np.nan, coded.codes)
    matrix: np.ndarray = np.hstack([coded.numbers.astype(np.float64), codes])
    return matrix


def _codes(values: list[Any], labels: tuple[str, ...]) -> np.ndarray:
    place = {label: code for code, label in enumerate(labels)}
    return np.fromiter((place[value] for value in values), dtype=np.int64, count=len(values))


@dataclass(frozen=True, kw_only=True)
class _Trust:
    """How far answers reach, and how sure they are; each array has a value for each row."""

    confidence: np.ndarray
    says: np.ndarray
    """The same of what is shown: of an interval cut at what is possible, as none there is a wide one."""
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    sets: np.ndarray | None = None


def _trust_classes(known: Uncertainty, level: float, predicted: np.ndarray, codes: np.ndarray) -> _Trust:
    """The probability of each answer, and its set where there is a rule."""
    chance = predicted[np.arange(len(codes)), codes].astype(np.float64)
    sets = None
    if isinstance(known.rule, Sets) and not known.why_not(level):
        sets = known.rule.of(predicted, level, codes)
    return _Trust(confidence=chance, says=chance, sets=sets)


def _trust_numbers(known: Uncertainty, level: float, predicted: np.ndarray, coded: "Coded") -> _Trust:
    """The interval of each answer, NaN without a rule, and how much narrower it is than a plain one."""
    low = high = uncut_low = uncut_high = np.full(len(predicted), np.nan)
    if isinstance(known.rule, Bands) and not known.why_not(level):
        uncut_low, uncut_high = known.rule.uncut(predicted, matrix_of(coded), level)
        low, high = known.rule.bounded(predicted, uncut_low, uncut_high)
    return _Trust(
        confidence=_narrower(known, level, uncut_high - uncut_low),
        says=_narrower(known, level, high - low),
        low=low,
        high=high,
    )


def _columns_warned(checked: Checked, model: Mapping[str, Any]) -> dict[str, dict[str, np.ndarray]]:
    """For each warning of a single column: the columns that have it, and in which rows."""
    later = _later(checked, model)
    return {
        UNREADABLE: dict(checked.unreadable),
        RANGE: _out_of_range(checked, model, later),
        LATER: later,
        UNKNOWN: dict(checked.unknown),
    }


def _narrower(known: Uncertainty, level: float, width: np.ndarray) -> np.ndarray:
    """How much narrower intervals are than one that looks at no column; NaN where nobody knows."""
    plain = known.known.get("levels", {}).get(str(level), {}).get("plain_width")
    if plain is None:
        return np.full(len(width), np.nan)
    narrower: np.ndarray = np.clip(1 - width / plain, 0.0, 1.0)
    return narrower


def _outside(flags: Mapping[str, np.ndarray], n_rows: int) -> np.ndarray:
    """Rows unlike those on which it was measured how sure an answer is."""
    return _any({code: flags[code] for code in OUTSIDE if code in flags}, n_rows)


def _later(checked: Checked, model: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """For each date of rows cut by time: the rows that are later than what was measured."""
    found = {}
    for column in model["schema"]:
        end = until(column, all_rows=bool(model.get("all_rows")))
        if end is not None:
            found[column["name"]] = checked.columns[column["name"]] > np.datetime64(end)
    return {name: rows for name, rows in found.items() if rows.any()}


def _out_of_range(
    checked: Checked, model: Mapping[str, Any], later: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """For each column: the rows whose number or date lies outside what training saw, but those too late.

    A model of an earlier release does not tell how much later a day may be. Where only the season of a date
    counts, because rows were cut by time, one is later as a matter of course.
    """
    outside = {name: rows & ~later[name] if name in later else rows for name, rows in checked.outside.items()}
    outside = {name: rows for name, rows in outside.items() if rows.any()}
    untold = {one["name"] for one in model["schema"] if one["kind"] == "date" and "later" not in one}
    if not untold & outside.keys():
        return outside
    seasons = {one.name for one in model["estimator"].coder.plan.features if one.cyclic}
    return {name: rows for name, rows in outside.items() if name not in untold & seasons}


def _any(columns: Mapping[str, np.ndarray], n_rows: int) -> np.ndarray:
    rows = np.zeros(n_rows, dtype=bool)
    for one in columns.values():
        rows |= one
    return rows


def _strange(checked: Checked, compared: Compared | None, coded: "Coded") -> dict[str, np.ndarray]:
    """Rows that are far from the training rows, or have less of a value than nearly all of them."""
    if compared is None:
        return {}
    n_missing = np.zeros(len(coded), dtype=np.int64)
    for name, values in checked.columns.items():
        missing = np.isnan(values) if values.dtype.kind == "f" else pd.isna(values)  # which takes its time
        unknown = checked.unknown.get(name)
        n_missing += missing if unknown is None else missing & ~unknown
    most = max(compared.familiar.most_missing, _MANY_MISSING * len(checked.columns))
    return {MISSING: n_missing > most, FAR: compared.familiar.far(coded)}


def _unsure(trust: _Trust, labels: tuple[str, ...]) -> np.ndarray:
    """Rows whose answer says little: an interval as wide as a plain one, a low probability, a large set."""
    if not labels:
        unsure: np.ndarray = trust.says <= _UNSURE  # never of one that is not known
        return unsure
    unsure = improbable(trust.says, labels)
    return unsure if trust.sets is None else unsure | many(trust.sets)
