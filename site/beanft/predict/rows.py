"""Predict rows that came as text or as JSON: the one way of the form and of the API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from beanft.database import release_locks
from beanft.engine.learning import files
from beanft.engine.learning.answering import answer_rows
from beanft.engine.learning.answers import Answers
from beanft.engine.learning.checking.ranges import measured_until
from beanft.engine.learning.inputs import Checked, Remark, check_records
from beanft.engine.learning.predict import applies, threshold_sentence
from beanft.engine.learning.reasons import reasons_of
from beanft.engine.learning.uncertainty.kept import Uncertainty, load_uncertainty
from beanft.predict.served import Served, chances_of, guess_beside

USUAL_LEVEL = 0.9
_TWO = 2


@dataclass(frozen=True, kw_only=True)
class Predicted:
    """The answers to some rows, or what must be corrected before there are any."""

    answers: tuple[dict[str, Any], ...]
    """For each row plain values: row (from 1), prediction, probabilities, low, high, set, confidence,
    warnings, repairs, reasons."""
    errors: tuple[Remark, ...]
    """The first faults, by row; then there are no answers."""
    n_errors: int
    """All faults."""
    level: float
    """How often intervals and sets are to hold the truth, 0..1."""
    uncertainty: dict[str, Any]
    """How often they did, measured (Uncertainty.facts)."""
    confidence_meaning: str
    """What the confidence of a row says, in one sentence."""
    baseline: dict[str, Any] | None
    """What the baseline says of every row, as it looks at no column; None when it is lost."""
    better: bool | None
    """Whether the model beats guessing beyond chance; None where that is not known."""
    limits: tuple[str, ...]
    """What limits the meaning of the model's score, in sentences."""
    rule: str
    """From which probability a row counts as a class, where the owner chose that; else empty."""
    repairs: tuple[Remark, ...]
    """What was repaired in the table as a whole, such as columns left aside."""
    repair_counts: dict[str, int]
    """All repairs by code; each answer lists the first 100 of its row."""


def predict_many(
    *,
    model: Served,
    rows: Sequence[Mapping[str, Any]],
    level: float = USUAL_LEVEL,
    reasons: bool = False,
    label: str | None = None,
) -> Predicted:
    """Predict rows; nothing of them is stored, and a row's answer does not depend on the others.

    `label` is the class whose probability the reasons explain; without it that of `usual_label`.

    Raises
    ------
    EngineError
        When the model's file is missing or damaged, or there is no such level or class.
    """
    folder, key, threshold = model.folder, model.key, model.threshold
    guess = guess_beside(model)
    release_locks()
    opened = files.load(model.file, model.sha256)
    uncertainty = load_uncertainty(folder, key, all_rows=bool(opened.get("all_rows")))
    checked = check_records(rows, opened["schema"])
    answers: tuple[dict[str, Any], ...] = ()
    meaning = ""
    if not checked.n_errors:
        found = answer_rows(opened, checked, uncertainty=uncertainty, level=level, threshold=threshold)
        answers, meaning = _answers(opened, checked, found), found.confidence_meaning
        if reasons:
            label = label or usual_label(opened["labels"], threshold)
            answers = tuple(
                one | {"reasons": reasons_of(opened, folder, checked.frame.iloc[[i]], label=label, key=key)}
                for i, one in enumerate(answers)
            )
    return Predicted(
        answers=answers,
        errors=checked.errors,
        n_errors=checked.n_errors,
        level=level,
        uncertainty=_measured(uncertainty, level, opened),
        confidence_meaning=meaning,
        baseline=guess.said(),
        better=guess.better,
        limits=guess.limits,
        rule=threshold_sentence(threshold) if threshold and applies(threshold, opened["labels"]) else "",
        repairs=tuple(one for one in checked.repairs if one.row is None),
        repair_counts=checked.repair_counts,
    )


def usual_label(labels: Sequence[str], threshold: Mapping[str, Any] | None) -> str | None:
    """The class whose probability is explained when nobody chose one; None for the most likely one.

    Of two it is always the same one, so that reasons do not change their sign while values are tried.

    >>> usual_label(["a", "b"], None), usual_label(["a", "b"], {"positive": "a"}), usual_label([], None)
    ('b', 'a', None)
    """
    if len(labels) != _TWO:
        return None
    positive = (threshold or {}).get("positive")
    return positive if positive in labels else labels[-1]


def _measured(uncertainty: Uncertainty, level: float, opened: Mapping[str, Any]) -> dict[str, Any]:
    """What was measured of intervals or sets; of rows cut by time up to which date, too."""
    facts = uncertainty.facts(level)
    return facts | {"sentences": [*facts["sentences"], *measured_until(opened["schema"])]}


def _answers(opened: Mapping[str, Any], checked: Checked, found: Answers) -> tuple[dict[str, Any], ...]:
    """The facts of each row in the words of the glossary."""
    repairs: dict[int, list[dict[str, Any]]] = {}
    for one in checked.repairs:
        if one.row is not None:
            repairs.setdefault(one.row, []).append(one.facts())
    answers = []
    for i in range(len(found.values)):
        facts = found.facts(i)
        answers.append(
            {
                "row": i + 1,
                "prediction": facts.pop("value"),
                "probabilities": chances_of(opened["labels"], found.predicted[i]),
                **facts,
                "repairs": repairs.get(i + 1, []),
            }
        )
    return tuple(answers)
