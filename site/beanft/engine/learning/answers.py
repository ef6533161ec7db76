"""Answers to rows as they are told: values, warnings, and the sentences of both."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from beanft.engine.learning.checking.ranges import ahead_of, in_words, range_of, until
from beanft.engine.learning.uncertainty.sayings import in_percent
from beanft.engine.plain import capital, number, percent
from beanft.engine.tables.wording import listed, shown

UNREADABLE, RANGE, LATER, UNKNOWN, MISSING, FAR, UNSURE, NO_INTERVAL = (
    "unreadable", "range", "later", "unknown", "missing", "far", "unsure", "no_interval",
)  # fmt: skip
CODES = (UNREADABLE, RANGE, LATER, UNKNOWN, MISSING, FAR, UNSURE, NO_INTERVAL)
"""Every warning that a row can have, in the order in which they are told."""
OUTSIDE = (RANGE, LATER, UNKNOWN, MISSING, FAR)
"""Warnings of rows unlike those that were measured: how sure their answer is, nobody knows."""

_LEAST = 0.5  # probability of an answer below which it is unsure
_LEAST_OF_TWO = 0.6  # the same where there are two classes, of which one always reaches one half
_TWO = 2
_NAMED = 6
_MAY_NOT_HOLD = "What was measured may not hold for it."
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
        low, high = (None if side is None else number(side[i]) for side in (self.low, self.high))
        return {
            "value": self.values[i],
            "level": self.level,
            "low": low,
            "high": high,
            "set": list(self.set_of(i)) if self.sets is not None else None,
            "confidence": number(self.confidence[i]),
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
        if improbable(chance, self.labels)[0]:
            said.append(f"the probability of the answer is {percent(float(chance[0]))}")
        if self.sets is not None and many(self.sets[i : i + 1])[0]:
            n, of = int(self.sets[i].sum()), len(self.labels)
            which = "all" if n == of else f"{n} of {of}"
            said.append(f"its {in_percent(self.level)} set holds {which} classes")
        why = " and ".join(said)
        return f"{capital(why)}, so the answer is unsure."


def improbable(chance: np.ndarray, labels: tuple[str, ...]) -> np.ndarray:
    """Say which rows' answers have a low probability, whatever else their sets rule out.

    Parameters
    ----------
    chance : array of shape (n_rows,)
        Probability of each answer.
    labels : tuple of str
        The classes.

    Returns
    -------
    array of shape (n_rows,), bool

    Examples
    --------
    >>> improbable(np.array([0.55]), ("no", "yes")), improbable(np.array([0.55]), ("a", "b", "c"))
    (array([ True]), array([False]))
    """
    low: np.ndarray = chance < (_LEAST_OF_TWO if len(labels) == _TWO else _LEAST)
    return low


def many(sets: np.ndarray) -> np.ndarray:
    """Say which rows' sets hold more than half of the classes.

    Parameters
    ----------
    sets : array of shape (n_rows, n_classes), bool
        Which classes are in each set.

    Returns
    -------
    array of shape (n_rows,), bool

    Examples
    --------
    >>> many(np.array([[True, True, False], [True, False, False]]))
    array([ True, False])
    """
    most: np.ndarray = sets.sum(axis=1) > max(1, sets.shape[1] / 2)
    return most


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
