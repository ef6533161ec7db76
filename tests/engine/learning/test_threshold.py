"""Answers at the threshold that the owner of a model chose."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from beanft.engine.learning import predict

CHOSEN = {"threshold": 0.31, "positive": "yes"}


@pytest.mark.parametrize(
    ("chance", "usual", "chosen"),
    [("0.30", "no", "no"), ("0.31", "no", "yes"), ("0.5", "no", "yes"), ("0.51", "yes", "yes")],
)
def test_one_row_is_answered_at_the_threshold(chance: str, usual: str, chosen: str) -> None:
    def value(threshold: dict[str, Any] | None) -> Any:
        p = float(chance)
        return predict.answer_of(np.array([[1 - p, p]]), ["no", "yes"], threshold)[0]

    assert value(None) == usual
    assert value(CHOSEN) == chosen
    assert value(CHOSEN | {"positive": "whale"}) == usual
    assert value({"threshold": 0.6, "positive": "no"}) == ("no" if float(chance) <= 0.4 else "yes")


def test_the_probabilities_stay_as_they_are() -> None:
    p = np.array([[0.6, 0.4], [0.65, 0.35], [0.75, 0.25]])
    assert predict.answer_of(p, ["no", "yes"], CHOSEN) == ["yes", "yes", "no"]
    assert predict.answer_of(np.eye(3), ["a", "b", "yes"], CHOSEN) == ["a", "b", "yes"]
    assert predict.answer_of(np.array([1.5]), [], CHOSEN) == [1.5]


def test_a_small_threshold_is_written_as_people_do() -> None:
    said = predict.threshold_sentence({"threshold": 1e-05, "positive": "yes"})
    assert said.startswith("A probability of 0.00001 or more counts as “yes”")
