"""What predictions are worth by what was said of rows while they were unseen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.learning.evidence import Evidence
from beanft.engine.learning.reports.worth import chances_right, unseen_worth

N = 200


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    """Rows whose second class gets likelier."""
    return Evidence(
        folder=tmp_path,
        task="classification",
        target="y",
        metric="accuracy",
        labels=("no", "yes"),
        features=("a",),
        by="",
        seed=0,
        rows=np.arange(N),
        rows_holdout=np.array([N]),
        y=np.arange(N) // (N // 2),
        y_holdout=np.array([1]),
        order=None,
        order_holdout=None,
        fold=np.arange(N) % 2,
    )


def test_classes_are_counted_by_their_probability(evidence: Evidence) -> None:
    p = np.linspace(0.01, 0.99, N)
    evidence.save()
    evidence.save_oof("k", np.column_stack([1 - p, p]))
    evidence.save_oof("baseline", np.full((N, 2), 0.5))
    found = unseen_worth(evidence.folder, "k", "a" * 64)
    assert found["unseen"]["n_rows"] == N
    assert found["unseen"]["metrics"]["accuracy"]["value"] == 1.0
    assert found["unseen"]["metrics"]["accuracy"]["low"] < 1
    assert found["unseen"]["baseline"] == {"accuracy": 0.5}
    assert sum(part["n_rows"] for part in found["chances"]) == N


def test_numbers_have_quantiles_of_their_errors(evidence: Evidence) -> None:
    numbers = replace(evidence, labels=(), task="regression", metric="rmse", y=np.arange(float(N)))
    numbers.save()
    numbers.save_oof("k", numbers.y - np.where(np.arange(N) % 2, 3.0, -3.0))
    found = unseen_worth(numbers.folder, "k", "b" * 64)
    assert found["unseen"]["metrics"]["rmse"]["value"] == pytest.approx(3.0)
    assert (found["residuals"]["0.05"], found["residuals"]["0.95"]) == (-3.0, 3.0)


def test_a_run_that_left_nothing_is_refused(evidence: Evidence) -> None:
    evidence.save()
    with pytest.raises(EngineError):
        unseen_worth(evidence.folder, "lost", "c" * 64)


def test_sure_and_unsure_answers_are_told_apart() -> None:
    said = np.repeat([0.55, 0.95], 60)
    y = np.concatenate([np.arange(60) % 2, np.zeros(60, dtype=int)])
    low, high = chances_right(y, np.column_stack([said, 1 - said]))
    assert (low["n_rows"], low["n_right"]) == (60, 30)
    assert (high["n_rows"], high["n_right"]) == (60, 60)
