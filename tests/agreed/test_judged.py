"""One score, one interval: what the judge stored stands on every page."""

from __future__ import annotations

from typing import Any

import pytest

from beanft.agreed import agreed_report, judged, worst_first
from beanft.models import Experiment, Run, TrainedModel
from train.stage import make_run

STORED = {"value": 0.8, "low": 0.7, "high": 0.9}
DRAWN = {"value": 0.8, "low": 0.71, "high": 0.88}
GUESS = {"value": 0.5, "low": 0.5, "high": 0.5}


def measured() -> dict[str, Any]:
    """Scores as a report draws them by itself."""
    metrics = {"roc_auc": DRAWN, "accuracy": DRAWN}
    difference = {"metric": "roc_auc", "value": 0.3, "low": 0.21, "high": 0.38}
    return {"n_rows": 40, "metrics": metrics, "guess": {"roc_auc": DRAWN}, "difference": difference}


def lead(low: float) -> dict[str, Any]:
    """A comparison with the baseline."""
    return {"difference": 0.3, "low": low, "high": 0.4, "p": 0.01, "better": True}


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> TrainedModel:
    """A final model that is not in the database, beside its baseline."""
    run = make_run("boosting", [0.8, 0.8], metric="roc_auc", interval=STORED, better=lead(0.2))
    baseline = make_run("baseline", [0.5, 0.5], metric="roc_auc", interval=GUESS)
    monkeypatch.setattr(judged, "_baseline", lambda _run: baseline)
    guess = {"metrics": {"roc_auc": GUESS}, "difference": lead(0.1)}
    said = {
        "n_rows": 41,
        "final": {"key": "boosting", "metrics": {"roc_auc": STORED}},
        "references": {"baseline": guess},
    }
    run.experiment = Experiment(result_json={"judged": said}, metric="roc_auc")
    one = {"label": "yes", "roc": {"area": DRAWN}, "precision_recall": {"average": DRAWN}}
    curves = {"n_classes": 2, "n_rows": 40, "classes": [one]}
    report = {"unseen": measured(), "holdout": measured(), "curves": curves}
    return TrainedModel(run=run, report_json=report)


def test_the_headline_is_the_one_that_was_judged(model: TrainedModel) -> None:
    unseen = agreed_report(model)["unseen"]
    assert unseen["metrics"] == {"roc_auc": STORED, "accuracy": DRAWN}
    assert unseen["guess"] == {"roc_auc": GUESS}
    assert unseen["difference"] == {"metric": "roc_auc", "value": 0.3, "low": 0.2, "high": 0.4}


def test_the_locked_rows_are_those_of_the_verdict(model: TrainedModel) -> None:
    locked = agreed_report(model)["holdout"]
    assert (locked["n_rows"], locked["metrics"]["roc_auc"], locked["guess"]["roc_auc"]) == (41, STORED, GUESS)
    assert locked["difference"]["low"] == 0.1


def test_the_curve_says_the_same_area(model: TrainedModel) -> None:
    (one,) = agreed_report(model)["curves"]["classes"]
    assert one["roc"]["area"] == STORED
    assert model.report_json["curves"]["classes"][0]["roc"]["area"] == DRAWN  # what is stored stays


def test_a_model_that_was_not_judged_keeps_its_own(model: TrainedModel) -> None:
    run = Run(key="ridge", learner="ridge", facts={"metric": "roc_auc"}, experiment=model.run.experiment)
    found = agreed_report(TrainedModel(run=run, report_json=model.report_json))
    assert found["unseen"] == measured()
    assert found["holdout"] == measured()


def test_kinds_of_rows_are_sorted_by_the_figure_that_is_shown() -> None:
    found = [{"words": "a", "error": {"value": 0.2}}, {"words": "b", "error": {"value": 0.4}}]
    assert [one["words"] for one in worst_first({"found": found})["found"]] == ["b", "a"]
