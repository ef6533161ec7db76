"""Fits made again: the same learner to the last bit, also where the clock had cut it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.learning.evidence import open_evidence
from beanft.engine.learning.exports.again import content_of, fit_judged, judged_bag, remake
from beanft.engine.learning.exports.data import data_of
from beanft.engine.learning.exports.recipe import arrays_of, frame_of, recipe_of
from beanft.engine.learning.search import refit
from beanft.engine.learning.search.fitting import Fitted, Terms, fit_fold
from beanft.engine.learning.search.trend import Detrended
from beanft.engine.learning.serving.rows import predict_rows
from engine.learning.exports.stage import german_csv, trained_on, wanted_of

SENTENCES: list[str] = []


@pytest.mark.parametrize("joint", [False, True])
@pytest.mark.parametrize("learner", ["boosting", "lightgbm", "network", "random_forest"])
@pytest.mark.parametrize("slice_s", [0.0, 60.0])
def test_a_fit_is_repeated_by_its_rounds(learner: str, slice_s: float, joint: bool):
    random = np.random.default_rng(0)
    X = random.normal(size=(90, 3)).astype(np.float32)
    y = (X[:, 0] + random.normal(size=90) > 0).astype(int)
    terms = Terms(task="classification", n_classes=2, n_native=0, balanced=False, n_folds=1, joint=joint)
    rows = (X[:60], y[:60], X[60:], y[60:])
    settings = {} if learner == "network" else {"trees": 30}
    first = fit_fold(learner, settings, terms, rows, seed=1, slice_s=slice_s)
    if len(first.losses):
        first.cut(7, rows[2])
    assert first.was_cut == (slice_s == 0.0)
    again = fit_fold(learner, settings, terms, rows, seed=1, slice_s=60.0, rounds=first.kept, repeated=True)
    assert again.kept == first.kept
    assert np.array_equal(again.member.predict(X), first.member.predict(X))


@pytest.mark.parametrize("learners", [["ridge"], ["boosting"]])
def test_steps_in_time_are_fitted_again_with_their_newest_rows(learners: list[str], tmp_path: Path):
    wanted = trained_on(
        tmp_path,
        german_csv(),
        target="Gewicht",
        task="regression",
        learners=learners,
        choices={"validation": {"by": "time", "column": "gesehen"}},
    )
    beside = next((key for key, facts in wanted.trained.runs.items() if facts["settings"].get("trend")), "")
    if beside:  # trees that learned beside a trend, whatever is recommended
        wanted = wanted_of(wanted.trained, beside, wanted.source["parquet_sha256"])
        assert isinstance(wanted.model["estimator"].folds[-1].members[0][1].model, Detrended)
    recipe = recipe_of(wanted.trained, wanted.key, wanted.model)
    assert recipe["cut"]["growing"]
    evidence = open_evidence(tmp_path)
    arrays = arrays_of(evidence)
    data = data_of(recipe, arrays, frame_of(wanted.trained, recipe, arrays))
    bag, _ = remake(recipe, data, SENTENCES.append)
    said = predict_rows(content_of(recipe, bag), data.X)
    assert np.array_equal(said, predict_rows(wanted.model, data.X))
    judged = fit_judged(recipe, data, SENTENCES.append)
    assert judged.scores == pytest.approx([run["mean"] for run in recipe["runs"]], rel=1e-12)
    bag = judged_bag(recipe, data, judged, SENTENCES.append)
    locked = predict_rows(content_of(recipe, bag), data.X.iloc[data.holdout].reset_index(drop=True))
    kept = evidence.holdout(wanted.key)
    assert (kept is None) == bool(beside)  # the locked rows were opened for what was chosen only
    assert kept is None or np.array_equal(locked.astype(np.float32), kept)


@pytest.mark.parametrize(("n_done", "n_kept"), [(4, 4), (2, 5)])  # too few are none: the search's own stay
def test_what_was_fitted_of_all_rows_when_time_ended_is_kept_and_made_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, n_done: int, n_kept: int
):
    whole_folds = refit.whole_folds

    def cut_short(fitted: dict[tuple[int, int], Fitted], n_wanted: int) -> list[list[Fitted]]:
        return whole_folds({key: one for key, one in fitted.items() if key[1] < n_done}, n_wanted)

    monkeypatch.setattr(refit, "whole_folds", cut_short)
    wanted = trained_on(
        tmp_path,
        german_csv(),
        target="Gewicht",
        task="regression",
        learners=["ridge", "neighbours"],
        choices={"validation": {"folds": 5}},
    )
    bag = wanted.model["estimator"]
    assert len(bag.folds) == n_kept
    recipe = recipe_of(wanted.trained, wanted.key, wanted.model)
    arrays = arrays_of(open_evidence(tmp_path))
    data = data_of(recipe, arrays, frame_of(wanted.trained, recipe, arrays))
    again, _ = remake(recipe, data, SENTENCES.append)
    assert len(again.folds) == len(bag.folds)
    said = predict_rows(content_of(recipe, again), data.X)
    assert np.array_equal(said, predict_rows(wanted.model, data.X))


def test_what_was_cut_and_kept_of_all_rows_is_made_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(refit.Allowance, "of", lambda *_: 0.02)
    monkeypatch.setattr(refit, "_ENOUGH", 0.0)
    wanted = trained_on(
        tmp_path,
        german_csv(),
        target="Gewicht",
        task="regression",
        learners=["network"],
        choices={"validation": {"folds": 5}},
    )
    judged, rounds = (wanted.trained.runs[wanted.key][name] for name in ("rounds", "again"))
    assert wanted.model["all_rows"]
    assert all(passes < judged for fold in rounds["rounds"] for passes in fold)
    recipe = recipe_of(wanted.trained, wanted.key, wanted.model)
    arrays = arrays_of(open_evidence(tmp_path))
    data = data_of(recipe, arrays, frame_of(wanted.trained, recipe, arrays))
    again, _ = remake(recipe, data, SENTENCES.append)
    said = predict_rows(content_of(recipe, again), data.X)
    assert np.array_equal(said, predict_rows(wanted.model, data.X))


def test_other_classes_are_told():
    recipe = {"target": "kind", "words": [], "labels": ["a", "b"], "plan": [], "cut": {"by": ""}}
    arrays = {"rows": np.array([0]), "rows_holdout": np.array([1])}
    with pytest.raises(EngineError, match="other classes than in training"):
        data_of(recipe, arrays, pd.DataFrame({"kind": ["a", "c"]}))


@pytest.mark.parametrize("labels", [["ja", "nein"], ["true", "false"]])  # the latter of an earlier release
def test_truth_values_are_found_by_the_owners_words(labels: list[str]):
    recipe = {"target": "paid", "words": ["nein", "ja"], "labels": labels, "plan": [], "cut": {"by": ""}}
    arrays = {"rows": np.array([0]), "rows_holdout": np.array([1])}
    assert data_of(recipe, arrays, pd.DataFrame({"paid": ["false", "true"]})).y.tolist() == [1, 0]
