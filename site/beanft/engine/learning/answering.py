"""The answer to checked rows: what is predicted, how far to trust it, and what to beware of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from beanft.engine.learning.checking.ranges import ahead_of, in_words, range_of, until
from beanft.engine.learning.inputs import Checked
from beanft.engine.learning.predict import answer_of, applies
from beanft.engine.learning.reports.shares import percent
from beanft.engine.learning.serving.rows import code_rows, predict_coded
from beanft.engine.learning.uncertainty.comparing import Compared, compared_of
from beanft.engine.learning.uncertainty.kept import Uncertainty, checked_level
from beanft.engine.learning.uncertainty.numbers import Bands
from beanft.engine.learning.uncertainty.sayings import in_percent
from beanft.engine.learning.uncertainty.sets import Sets
from beanft.engine.tables.wording import listed, shown

if TYPE_CHECKING:  # loads scikit-learn, which the model itself does when it is opened
    from beanft.engine.learning.search.coding import Coded

UNREADABLE, RANGE, LATER, UNKNOWN, MISSING, FAR, UNSURE, NO_INTERVAL = (
    "unreadable", "range", "later", "unknown", "missing", "far", "unsure", "no_interval",
)  # fmt: skip
CODES = (UNREADABLE, RANGE, LATER, UNKNOWN, MISSING, FAR, UNSURE, NO_INTERVAL)
"""Every warning that a row can have, in the order in which they are told."""
OUTSIDE = (RANGE, LATER, UNKNOWN, MISSING, FAR)
"""Warnings of rows unlike those that were measured: how sure their answer is, nobody knows."""

_UNSURE = 0.1  # of a number: its interval is nearly as wide as one that looks at no column
_MANY_MISSING = 0.2  # share of the columns without a value that is never called too many
_LEAST = 0.5  # probability of an answer below which it is unsure
_LEAST_OF_TWO = 0.6  # the same where there are two classes, of which one always reaches one half
_TWO = 2
_NAMED = 6
_MAY_NOT_HOLD = "What was measured may not hold for it."
_NOT_GIVEN = "How far this model's predictions can be trusted was not asked for."
_CLASSES_MEANING = (
    "The probability of the answer: of rows with 0.8, about 80 in 100 are to be right where the "
    "probabilities are calibrated."
)
_NUMBERS_MEANING = (
    "How much narrower the interval is than one that looks at no column: 0.8 means a fifth of its width; "
    "0 means no narrower. Where it ends at what is possible, such as 0, its width before that counts."
)
_OUTSIDE_MEANING = " A row outside of what training saw has none: nothing was measured there."


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Answers to rows."""

    labels: tuple[str, ...]
    """Classes; empty for numbers."""
    values: list[Any]
    """The class or number of each row."""
    predicted: np.ndarray
    """Probabilities of shape (n_rows, n_classes), or numbers of shape (n_rows,)."""
    level: float
    """Share of rows whose truth intervals and sets are to hold."""
    low: np.ndarray | None
    """Lower bounds, NaN where there is no interval; None for classes."""
    high: np.ndarray | None
    """Upper bounds."""
    sets: np.ndarray | None
    """Which classes are in the set, bool of shape (n_rows, n_classes); None for numbers, or without sets."""
    confidence: np.ndarray
    """0 to 1, see `confidence_meaning`; NaN where it is not known, as in every row outside of training."""
    flags: Mapping[str, np.ndarray]
    """For each warning that any row has: which rows, bool of shape (n_rows,)."""
    columns: Mapping[str, Mapping[str, np.ndarray]]
    """For unreadable, range, later and unknown: for each column that any row has it in, which rows."""
    given: Mapping[str, np.ndarray]
    """The values of each training column, as `inputs.Checked.columns` has them."""
    schema: Mapping[str, Mapping[str, Any]]
    """The training columns by name."""
    why_not: str
    """Why there are no intervals or sets; else empty."""
    usual_words: str
    """How many training rows have more similar ones than a row that is far (Familiar.usual_words)."""
    all_rows: bool
    """Whether the model has learned from the locked rows, too."""

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.values)

    @property
    def confidence_meaning(self) -> str:
        """What the confidence is, and who has none, in sentences."""
        return (_CLASSES_MEANING if self.labels else _NUMBERS_MEANING) + _OUTSIDE_MEANING

    @property
    def warnings(self) -> list[tuple[str, ...]]:
        """Codes of the warnings of each row."""
        return [tuple(words.split()) for words in self.warning_words()]

    def warning_words(self) -> list[str]:
        """Codes of the warnings of each row, joined by blanks; empty for none."""
        codes = [code for code in CODES if code in self.flags]
        number = np.zeros(len(self), dtype=np.int64)
        for i, code in enumerate(codes):
            number |= self.flags[code].astype(np.int64) << i
        words = [
            " ".join(code for i, code in enumerate(codes) if one >> i & 1) for one in range(1 << len(codes))
        ]
        return [words[one] for one in number.tolist()]

    def counts(self) -> dict[str, int]:
        """How many rows have each warning; those that none has are left out."""
        return {code: int(self.flags[code].sum()) for code in CODES if code in self.flags}

    def set_of(self, i: int) -> tuple[str, ...]:
        """The classes in the set of a row, most likely first; empty without sets."""
        if self.sets is None:
            return ()
        order = np.argsort(-self.predicted[i], kind="stable")
        return tuple(self.labels[code] for code in order if self.sets[i, code])

    def sentences(self, i: int) -> list[str]:
        """The warnings of a row in plain words."""
        return [one["sentence"] for one in self.told(i)]

    def told(self, i: int) -> list[dict[str, str]]:
        """The warnings of a row as code and sentence."""
        own = [code for code in CODES if code in self.flags and self.flags[code][i]]
        return [{"code": code, "sentence": self._sentence(code, i)} for code in own]

    def facts(self, i: int) -> dict[str, Any]:
        """One answer as plain JSON."""
        low, high = (None if side is None else _number(side[i]) for side in (self.low, self.high))
        return {
            "value": self.values[i],
            "level": self.level,
            "low": low,
            "high": high,
            "set": list(self.set_of(i)) if self.sets is not None else None,
            "confidence": _number(self.confidence[i]),
            "warnings": self.told(i),
        }

    def _sentence(self, code: str, i: int) -> str:
        if code in self.columns:
            names = [name for name, rows in self.columns[code].items() if rows[i]]
            if code == RANGE:
                return _range_sentence({name: self.given[name][i].item() for name in names}, self.schema)
            if code == LATER:
                return self._later_sentence(names[0], self.given[names[0]][i].item())
            return _lost_sentence(code, names)
        if code == MISSING:
            return (
                "More columns have no value than in nearly all training rows, so the answer rests on little."
            )
        if code == FAR:
            return (
                f"Its values together are unlike the training rows: {self.usual_words} more similar ones. "
                f"{_MAY_NOT_HOLD}"
            )
        if code == NO_INTERVAL:
            return self.why_not
        return self._unsure_sentence(i)

    def _later_sentence(self, name: str, value: Any) -> str:
        """Name a date beyond all that were measured, and how far that was."""
        column = self.schema[name]
        end, ahead = until(column, all_rows=self.all_rows) or value, ahead_of(column)
        far = f"{in_words(end)}, {ahead} ahead," if ahead else in_words(end)
        return (
            f"{shown(name)} is {in_words(value)}, later than what was measured: dates up to {far} were. "
            f"{_MAY_NOT_HOLD}"
        )

    def _unsure_sentence(self, i: int) -> str:
        if not self.labels:
            return "The interval is about as wide as one that looks at no column, so the number says little."
        said = []
        chance = self.predicted[i, [self.labels.index(self.values[i])]]
        if _improbable(chance, self.labels)[0]:
            said.append(f"the probability of the answer is {percent(float(chance[0]))}")
        if self.sets is not None and _many(self.sets[i : i + 1])[0]:
            n, of = int(self.sets[i].sum()), len(self.labels)
            which = "all" if n == of else f"{n} of {of}"
            said.append(f"its {in_percent(self.level)} set holds {which} classes")
        why = " and ".join(said)
        return f"{why[:1].upper()}{why[1:]}, so the answer is unsure."


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
    why_not = known.why_not(level)
    rule = None if why_not else known.rule
    low = high = sets = None
    if isinstance(rule, Sets):
        sets = rule.of(predicted, level, _codes(values, labels))
    if labels:
        sure = says = predicted[np.arange(len(values)), _codes(values, labels)].astype(np.float64)
    else:
        uncut = (np.full(len(values), np.nan),) * 2
        if isinstance(rule, Bands):
            uncut = rule.uncut(predicted, matrix_of(coded), level)
            low, high = rule.bounded(predicted, *uncut)
        else:
            low, high = uncut
        sure, says = (_narrower(known, level, b - a) for a, b in (uncut, (low, high)))
    later = _later(checked, model)
    columns = {
        UNREADABLE: dict(checked.unreadable),
        RANGE: _out_of_range(checked, model, later),
        LATER: later,
        UNKNOWN: dict(checked.unknown),
    }
    flags = {code: _any(rows, len(values)) for code, rows in columns.items()}
    compared = compared_of(model, known.folder)
    flags |= _strange(checked, compared, coded)
    flags[UNSURE] = _unsure(says, sets, labels)
    flags[NO_INTERVAL] = np.full(len(values), bool(why_not))
    return Answers(
        labels=labels,
        values=values,
        predicted=predicted,
        level=level,
        low=low,
        high=high,
        sets=sets,
        confidence=np.where(_outside(flags, len(values)), np.nan, sure),
        flags={code: rows for code, rows in flags.items() if rows.any()},
        columns=columns,
        given=checked.columns,
        schema={column["name"]: column for column in model["schema"]},
        why_not=why_not,
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


def _unsure(confidence: np.ndarray, sets: np.ndarray | None, labels: tuple[str, ...]) -> np.ndarray:
    """Rows whose answer says little: an interval as wide as a plain one, a low probability, a large set."""
    if not labels:
        unsure: np.ndarray = confidence <= _UNSURE  # never of one that is not known
        return unsure
    unsure = _improbable(confidence, labels)
    return unsure if sets is None else unsure | _many(sets)


def _improbable(confidence: np.ndarray, labels: tuple[str, ...]) -> np.ndarray:
    """Rows whose answer has a low probability, whatever else its set rules out."""
    low: np.ndarray = confidence < (_LEAST_OF_TWO if len(labels) == _TWO else _LEAST)
    return low


def _many(sets: np.ndarray) -> np.ndarray:
    """Rows whose set holds more than half of the classes."""
    many: np.ndarray = sets.sum(axis=1) > max(1, sets.shape[1] / 2)
    return many


def _range_sentence(values: Mapping[str, Any], schema: Mapping[str, Mapping[str, Any]]) -> str:
    """Name the values outside of the range of their column, and that range."""
    first = list(values.items())[:_NAMED]
    seen = {name: one.words for name, _ in first if (one := range_of(schema[name]))}
    if len(values) == 1:
        name, value = first[0]
        said = f"{shown(name)} is {in_words(value)}, outside the range that training saw ({seen[name]})."
    else:
        each = [f"{shown(name)} is {in_words(value)} (training saw {seen[name]})" for name, value in first]
        more = f" and {len(values) - _NAMED} more" if len(values) > _NAMED else ""
        said = f"Outside the range that training saw: {', '.join(each)}{more}."
    return f"{said} {_MAY_NOT_HOLD}"


def _lost_sentence(code: str, names: list[str]) -> str:
    """What counts as missing, though something stands there."""
    has = "has" if len(names) == 1 else "have"
    if code == UNREADABLE:
        return f"{listed(names)} {has} a value that could not be read; it counts as missing."
    category = "a category" if len(names) == 1 else "categories"
    return f"{listed(names)} {has} {category} that training did not know; it counts as missing."


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
