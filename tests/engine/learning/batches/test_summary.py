"""What was predicted, counted beside the training rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from beanft.engine.charts.batches import predicted_figure
from beanft.engine.learning.batches.summary import Summer
from beanft.engine.learning.evidence import Evidence


def _evidence(folder: Path, labels: tuple[str, ...], y: np.ndarray, predicted: np.ndarray) -> Evidence:
    evidence = Evidence(
        folder=folder,
        task="classification" if labels else "regression",
        target="t",
        metric="accuracy" if labels else "rmse",
        labels=labels,
        features=("a",),
        by="",
        seed=0,
        rows=np.arange(len(y)),
        rows_holdout=np.zeros(0, dtype=int),
        y=y,
        y_holdout=np.zeros(0),
        order=None,
        order_holdout=None,
        fold=np.zeros(len(y), dtype=int),
    )
    evidence.save_oof("k", predicted)
    return evidence


def test_classes_are_counted_by_block_and_beside_the_unseen_rows(tmp_path: Path):
    seen = np.array([[0.75, 0.25]] * 3 + [[0.25, 0.75]])
    summer = Summer(("no", "yes"), _evidence(tmp_path, ("no", "yes"), np.array([0, 0, 1, 1]), seen), "k")
    summer.add(np.array([[0.1, 0.9], [0.2, 0.8]]))
    summer.add(np.array([[0.9, 0.1]]))
    found = summer.found()
    assert [(bar["label"], bar["n"]) for bar in found["bars"]] == [("yes", 2), ("no", 1)]
    assert [bar["before"] for bar in found["bars"]] == [0.25, 0.75]
    assert [bar["truth"] for bar in found["bars"]] == [0.5, 0.5]
    assert found["sure"] == pytest.approx((0.9 + 0.8 + 0.9) / 3)
    assert found["sure_before"] == pytest.approx(0.75)


def test_a_threshold_decides_what_counts_as_which_class():
    summer = Summer(("no", "yes"), None, "k", {"threshold": 0.3, "positive": "yes"})
    summer.add(np.array([[0.6, 0.4], [0.8, 0.2]]))
    found = summer.found()
    assert {bar["label"]: bar["n"] for bar in found["bars"]} == {"yes": 1, "no": 1}
    assert found["drift"] is None
    assert found["sentence"] == ""


def test_the_mean_probability_is_that_of_the_class_that_was_named(tmp_path: Path):
    seen = np.array([[0.6, 0.4]] * 3 + [[0.9, 0.1]])
    evidence = _evidence(tmp_path, ("no", "yes"), np.array([0, 0, 1, 1]), seen)
    summer = Summer(("no", "yes"), evidence, "k", {"threshold": 0.3, "positive": "yes"})
    summer.add(np.array([[0.65, 0.35], [0.8, 0.2]]))
    found = summer.found()
    assert found["sure"] == pytest.approx((0.35 + 0.8) / 2)
    assert found["sure_before"] == pytest.approx((3 * 0.4 + 0.9) / 4)


def test_a_small_shift_beyond_chance_is_not_called_none(tmp_path: Path):
    def said(share: float) -> tuple[str, str]:
        seen = np.repeat([[0.9, 0.1], [0.1, 0.9]], 5_000, axis=0)
        y = np.repeat([0, 1], 5_000)
        summer = Summer(("no", "yes"), _evidence(tmp_path, ("no", "yes"), y, seen), "k")
        n = int(10_000 * share)
        summer.add(np.repeat([[0.9, 0.1], [0.1, 0.9]], [n, 10_000 - n], axis=0))
        found = summer.found()
        return found["drift"]["words"], found["sentence"]

    same, small = said(0.501), said(0.55)
    assert same[0] == "none that shows"
    assert same[1].startswith("Taken together, the predictions are like what it predicted")
    assert small[0] == "none"
    assert small[1] == (
        "Taken together, the predictions differ from what it predicted for the training rows while they were "
        "unseen by more than chance alone explains, but only a little (population stability index 0.01)."
    )


def test_numbers_fall_into_bins_of_round_edges_that_fit_the_training_rows(tmp_path: Path):
    y = np.random.default_rng(0).normal(100, 20, 500)
    summer = Summer((), _evidence(tmp_path, (), y, y), "k")
    summer.add(y[:250])
    summer.add(y[250:])
    found = summer.found()
    assert sum(bar["n"] for bar in found["bars"]) == 500
    assert found["drift"]["words"] == "none that shows"
    assert all(edge % 5 == 0 for edge in found["edges"])
    assert found["sentence"].startswith("Taken together, the predictions are like")
    moved = Summer((), _evidence(tmp_path, (), y, y), "k")
    moved.add(y + 500)
    assert moved.found()["bars"][-1]["n"] == 500
    assert "far from" in moved.found()["sentence"]


def test_numbers_without_evidence_get_bins_of_their_own():
    summer = Summer((), None, "k")
    summer.add(np.array([1.0, 1.0]))
    summer.add(np.array([5.0]))
    found = summer.found()
    assert sum(bar["n"] for bar in found["bars"]) == 3
    assert predicted_figure(found, "price")["series"][0]["name"] == "this batch"


def test_rare_classes_are_added_up():
    labels = tuple(f"c{i:02}" for i in range(30))
    summer = Summer(labels, None, "k")
    summer.add(np.eye(30))
    bars = summer.found()["bars"]
    assert len(bars) == 21
    assert (bars[-1]["label"], bars[-1]["n"]) == ("10 other classes", 10)
