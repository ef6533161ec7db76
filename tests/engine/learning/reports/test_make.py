"""The report of a model, from evidence to plain JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, log_loss, mean_absolute_error, roc_auc_score

from beanft.engine.learning.calibration import Calibration
from beanft.engine.learning.evidence import Evidence
from beanft.engine.learning.reports import importance as importances
from beanft.engine.learning.reports.make import make_report
from beanft.engine.tables.columns import Column, Profile
from engine.learning.reports.stage import chances, make_evidence

PROFILE = Profile(
    n_rows=440,
    columns=(
        Column(name="town", kind="category", stored="VARCHAR", n_missing=0, n_distinct=3),
        Column(name="age", kind="number", stored="DOUBLE", n_missing=0, n_distinct=400),
    ),
)


def _rows(n: int) -> pd.DataFrame:
    random = np.random.default_rng(7)
    return pd.DataFrame({"town": random.choice(["a", "b", "c"], n).astype(object), "age": random.random(n)})


def _report(evidence: Evidence, key: str = "boosting", **values: Any) -> dict[str, Any]:
    X = _rows(len(evidence.tested))
    made = make_report(evidence, key, X, title="Boosting", profile=PROFILE, **values)
    text = json.dumps(made, allow_nan=False)
    assert len(text) < 300_000
    found: dict[str, Any] = json.loads(text)
    return found


def _two_classes(folder: Path) -> tuple[Evidence, np.ndarray]:
    y = np.random.default_rng(1).integers(0, 2, 440)
    evidence, predicted = make_evidence(folder, y), chances(y)
    evidence.save_oof("boosting", predicted[:400])
    evidence.save_oof("baseline", np.tile([0.5, 0.5], (400, 1)))
    return evidence, predicted


def test_scores_of_unseen_rows_are_those_of_scikit_learn(tmp_path: Path) -> None:
    evidence, _ = _two_classes(tmp_path)
    predicted = evidence.oof("boosting").astype(float)
    made = _report(evidence)
    scores = made["unseen"]["metrics"]
    assert scores["roc_auc"]["value"] == pytest.approx(roc_auc_score(evidence.y, predicted[:, 1]))
    predicted /= predicted.sum(axis=1, keepdims=True)  # they are kept with seven digits
    assert scores["log_loss"]["value"] == pytest.approx(log_loss(evidence.y, predicted), rel=1e-5)
    assert scores["accuracy"]["value"] == pytest.approx(accuracy_score(evidence.y, predicted.argmax(axis=1)))
    assert made["unseen"]["baseline"]["roc_auc"] == 0.5
    assert made["unseen"]["difference"]["value"] == pytest.approx(scores["roc_auc"]["value"] - 0.5)
    assert made["unseen"]["difference"]["low"] > 0
    assert sum(map(sum, made["confusion"]["counts"])) == 400
    assert {"curves", "threshold", "slices"} <= made.keys()


def test_locked_rows_are_only_told_for_models_that_they_were_opened_for(tmp_path: Path) -> None:
    evidence, predicted = _two_classes(tmp_path)
    assert "holdout" not in _report(evidence)
    evidence.save_holdout("boosting", predicted[400:])
    alone = _report(evidence)["holdout"]
    assert alone["n_rows"] == 40
    assert alone["difference"]["value"] is None
    evidence.save_holdout("baseline", np.tile([0.5, 0.5], (40, 1)))
    assert _report(evidence)["holdout"]["difference"]["value"] > 0


def test_the_calibration_of_the_model_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evidence, _ = _two_classes(tmp_path)
    monkeypatch.setattr(importances, "predict_rows", lambda model, frame: chances(np.zeros(len(frame))))
    calibration = Calibration(
        kind="temperature", numbers=(5.0,), n_rows=400, before=0.5, after=0.4, gain=(0.1, 0, 0.2)
    )
    for kept in (calibration, calibration.to_dict()):
        made = _report(evidence, model={"calibration": kept})
        assert made["calibration"]["kind"] == "temperature"
        assert "mended with one factor" in made["calibration"]["sentence"]
    assert "calibration" not in _report(evidence, model={"calibration": None})


def test_numbers_have_residuals_and_errors_by_range(tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    y = random.normal(100, 10, 440)
    evidence = make_evidence(tmp_path, y, labels=())
    evidence.save_oof("boosting", y[:400] + random.normal(size=400))
    evidence.save_oof("baseline", np.full(400, y.mean()))
    predicted = evidence.oof("boosting").astype(float)
    made = _report(evidence)
    assert made["unseen"]["metrics"]["mae"]["value"] == pytest.approx(
        mean_absolute_error(evidence.y, predicted), rel=1e-4
    )
    assert made["residuals"]["0.5"] == pytest.approx(np.median(evidence.y - predicted), abs=1e-4)
    for ranges in made["errors"].values():
        assert sum(one["n_rows"] for one in ranges) == 400
        assert all(one["error"]["low"] <= one["error"]["value"] <= one["error"]["high"] for one in ranges)
    assert made["points"]["n"] == 400
    assert not {"confusion", "curves", "threshold"} & made.keys()


def test_groups_make_the_intervals_wider(tmp_path: Path) -> None:
    """Ten groups of forty equal rows are ten rows."""
    truth = np.random.default_rng(3).integers(0, 2, 10)
    order, y = np.repeat(np.arange(10), 40), np.repeat(truth, 40)
    widths = []
    for by, name in (("", "chance"), ("group", "group")):
        folder = tmp_path / name
        folder.mkdir()
        evidence = make_evidence(folder, np.r_[y, y[:40]], by=by, order=order, order_holdout=order[:40])
        evidence.save_oof("boosting", np.repeat(chances(truth, seed=4), 40, axis=0))
        evidence.save_oof("baseline", np.tile([0.5, 0.5], (400, 1)))
        score = _report(evidence)["unseen"]["metrics"]["log_loss"]
        widths.append(score["high"] - score["low"])
    assert widths[1] > 3 * widths[0]


def test_importance_knows_which_column_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evidence, predicted = _two_classes(tmp_path)
    X = _rows(400)
    X["age"] = evidence.y + 0.1

    def by_age(model: dict[str, Any], frame: pd.DataFrame) -> np.ndarray:
        second = frame["age"].to_numpy(dtype=float).clip(0.01, 0.99)
        return np.column_stack([1 - second, second])

    monkeypatch.setattr(importances, "predict_rows", by_age)
    made = make_report(evidence, "boosting", X, title="", profile=PROFILE, model={})["importance"]
    assert made["rows"] == "learned"
    assert [one["name"] for one in made["columns"]] == ["age", "town"]
    assert made["columns"][0]["mean"] == pytest.approx(0.5, abs=0.1)
    assert made["columns"][1]["mean"] == 0
    evidence.save_holdout("boosting", predicted[400:])
    locked = _rows(40)
    made = make_report(
        evidence, "boosting", X, title="", profile=PROFILE, model={}, locked=locked, importance_s=0
    )
    assert made["importance"]["rows"] == "locked"
    assert (made["importance"]["n_columns"], made["importance"]["stopped"]) == (1, True)
    again = make_report(
        evidence, "boosting", X, title="", profile=PROFILE, model={"all_rows": True}, locked=locked
    )
    assert again["importance"]["rows"] == "learned"
