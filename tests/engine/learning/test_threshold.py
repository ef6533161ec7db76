"""Answers at the threshold that the owner of a model chose."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from beanft.engine.learning import batch, files, predict

MODEL: dict[str, Any] = {
    "schema": [
        {"name": "chance", "kind": "number", "stored": "DOUBLE", "format": "", "minimum": 0, "maximum": 1}
    ],
    "labels": ["no", "yes"],
    "target": "churn",
    "task": "classification",
}
CHOSEN = {"threshold": 0.31, "positive": "yes"}


def _echo(model: dict[str, Any], frame: pd.DataFrame) -> np.ndarray:
    """A model that says what stands in its only column."""
    chance = frame["chance"].to_numpy(dtype=float)
    return np.column_stack([1 - chance, chance])


@pytest.fixture
def _model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "load", lambda *_: MODEL)
    monkeypatch.setattr(predict, "predict_rows", _echo)
    monkeypatch.setattr(batch, "predict_rows", _echo)


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


@pytest.mark.usefixtures("_model")
def test_a_file_is_answered_at_the_threshold_and_says_so(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("chance\n0.2\n0.35\n0.9\n", encoding="utf-8")

    def answers(threshold: dict[str, Any] | None) -> tuple[list[str], list[str]]:
        facts = batch.predict_file(
            model_file="x", model_sha256="0", source=str(source), target=str(target), threshold=threshold
        )
        with target.open(encoding="utf-8", newline="") as stream:
            return [row[1] for row in list(csv.reader(stream))[1:]], facts["notes"]

    assert answers(None) == (["no", "no", "yes"], [])
    found, notes = answers(CHOSEN)
    assert found == ["no", "yes", "yes"]
    assert notes == [predict.threshold_sentence(CHOSEN)]
    assert answers({"threshold": 0.31, "positive": "whale"}) == (["no", "no", "yes"], [])
