"""Answers at the threshold that the owner of a model chose."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from beanft.engine.learning import files, predict

MODEL: dict[str, Any] = {
    "schema": [
        {"name": "chance", "kind": "number", "stored": "DOUBLE", "format": "", "minimum": 0, "maximum": 1}
    ],
    "labels": ["no", "yes"],
    "target": "churn",
    "task": "classification",
}
CHOSEN = {"threshold": 0.31, "positive": "yes"}


def _echo(model: dict[str, Any], rows: Mapping[str, np.ndarray]) -> np.ndarray:
    """A model that says what stands in its only column."""
    chance = rows["chance"]
    return np.column_stack([1 - chance, chance])


@pytest.fixture
def _model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "load", lambda *_: MODEL)
    monkeypatch.setattr(predict, "predict_rows", _echo)


@pytest.mark.usefixtures("_model")
@pytest.mark.parametrize(
    ("chance", "usual", "chosen"),
    [("0.30", "no", "no"), ("0.31", "no", "yes"), ("0.5", "no", "yes"), ("0.51", "yes", "yes")],
)
def test_one_row_is_answered_at_the_threshold(chance: str, usual: str, chosen: str) -> None:
    def value(threshold: dict[str, Any] | None) -> Any:
        return predict.predict_one(
            file=Path("x"), sha256="0", values={"chance": chance}, threshold=threshold
        ).value

    assert value(None) == usual
    assert value(CHOSEN) == chosen
    assert value(CHOSEN | {"positive": "whale"}) == usual
    assert value({"threshold": 0.6, "positive": "no"}) == ("no" if float(chance) <= 0.4 else "yes")


def test_the_probabilities_stay_as_they_are() -> None:
    p = np.array([[0.6, 0.4], [0.65, 0.35], [0.75, 0.25]])
    assert predict.answer_of(p, ["no", "yes"], CHOSEN) == ["yes", "yes", "no"]
    assert predict.answer_of(np.eye(3), ["a", "b", "yes"], CHOSEN) == ["a", "b", "yes"]
    assert predict.answer_of(np.array([1.5]), [], CHOSEN) == [1.5]
