"""Models beside each other: same rows are paired, ties are ties, intervals cover, samples are stated."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.learning.compared import entrant as entrants
from beanft.engine.learning.compared.contest import compete
from beanft.engine.learning.compared.entrant import Entrant, locked, unseen, why_not
from beanft.engine.learning.evidence import Evidence
from beanft.engine.learning.metrics import METRIC


def evidence(folder: Path, y: np.ndarray, **values: Any) -> Evidence:
    """Evidence of a number to predict, two rows locked away."""
    folder.mkdir(exist_ok=True)
    usual: dict[str, Any] = {
        "folder": folder,
        "task": "regression",
        "target": "y",
        "metric": "mae",
        "labels": (),
        "features": ("x",),
        "by": "",
        "seed": 0,
        "rows": np.arange(len(y)),
        "rows_holdout": np.array([1000, 1001]),
        "y": y,
        "y_holdout": np.array([1.0, 2.0]),
        "order": None,
        "order_holdout": None,
        "fold": np.arange(len(y)) % 5,
    }
    return Evidence(**(usual | values))


def enter(of: Evidence, run: str, predicted: np.ndarray, *, version: int = 1) -> Entrant:
    of.save_oof(run, predicted)
    return Entrant(evidence=of, run=run, version=version, table=f"table {version}")


def draws(seed: int, n: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=n)


def test_a_model_that_is_clearly_better_is_told_apart_and_stands_first(tmp_path: Path) -> None:
    y = draws(0, 200)
    of = evidence(tmp_path, y)
    worse, better = enter(of, "a", y + draws(1, 200)), enter(of, "b", y + 0.1 * draws(2, 200))
    contest = compete([worse, better], METRIC["mae"])
    (pair,) = contest.pairs
    assert (pair.one, pair.other, pair.told_apart, pair.reason) == (1, 0, True, "")
    assert pair.difference is not None
    assert pair.difference.value == pytest.approx(contest.unseen[0].value - contest.unseen[1].value)  # type: ignore[operator]
    assert pair.difference.low > 0  # type: ignore[operator]
    assert contest.unseen[0].low < contest.unseen[0].value < contest.unseen[0].high  # type: ignore[operator]
    assert contest.locked == (None, None)


def test_what_is_hard_for_both_cancels_out(tmp_path: Path) -> None:
    """The scores' own intervals overlap by far; row by row one is better in every draw."""
    y, hard = draws(0, 100), 10 * draws(1, 100)
    of = evidence(tmp_path, y)
    one, other = enter(of, "a", y + hard), enter(of, "b", y + hard + 0.2 * np.sign(hard))
    contest = compete([one, other], METRIC["mae"])
    assert contest.unseen[0].high > contest.unseen[1].low  # type: ignore[operator]
    assert contest.pairs[0].told_apart
    assert contest.pairs[0].difference.value == pytest.approx(0.2, abs=1e-3)  # type: ignore[union-attr]


def test_equal_models_are_told_apart_in_few_of_many_comparisons(tmp_path: Path) -> None:
    """Four equal models, six pairs: any of them is told apart in about one comparison of twenty."""
    false_alarms = 0
    for seed in range(40):
        y = draws(seed, 80)
        of = evidence(tmp_path / str(seed), y)
        equal = [enter(of, f"r{k}", y + draws(1000 * (k + 1) + seed, 80)) for k in range(4)]
        false_alarms += any(pair.told_apart for pair in compete(equal, METRIC["rmse"]).pairs)
    assert false_alarms <= 6  # of 40: 2 are expected, more than 6 come up once in 300 times


def test_the_same_answers_are_a_tie(tmp_path: Path) -> None:
    y = draws(0, 50)
    of = evidence(tmp_path, y)
    contest = compete([enter(of, "a", y + 1), enter(of, "b", y + 1)], METRIC["rmse"])
    assert not contest.pairs[0].told_apart
    assert contest.pairs[0].difference.value == 0  # type: ignore[union-attr]


def test_a_few_rows_tell_nobody_apart(tmp_path: Path) -> None:
    y = draws(0, 8)
    of = evidence(tmp_path, y)
    contest = compete([enter(of, "a", y), enter(of, "b", y + 5)], METRIC["rmse"])
    assert not contest.pairs[0].told_apart


def test_rows_of_a_group_are_drawn_together(tmp_path: Path) -> None:
    """Twenty rows of each group say the same, so the honest interval is that of ten, not of 200 rows."""
    groups = np.repeat(np.arange(10), 20)
    y, off = np.zeros(200), np.repeat(draws(3, 10), 20)
    alone = evidence(tmp_path / "alone", y)
    grouped = evidence(tmp_path / "grouped", y, by="group", order=groups, order_holdout=np.array([90, 91]))
    single = compete([enter(alone, "a", off)], METRIC["mae"])
    whole = compete([enter(grouped, "a", off)], METRIC["mae"])
    widths = [found.unseen[0].high - found.unseen[0].low for found in (single, whole)]  # type: ignore[operator]
    assert whole.clustered
    assert not single.clustered
    assert widths[1] > 2.5 * widths[0]


def test_latest_rows_are_drawn_in_stretches_of_time(tmp_path: Path) -> None:
    y = draws(0, 120)
    of = evidence(tmp_path, y, by="time", order=np.arange(120), order_holdout=np.array([200, 201]))
    one = enter(of, "a", y + draws(1, 120))
    assert compete([one], METRIC["mae"]).clustered
    clusters = unseen(one).clusters
    assert clusters is not None
    assert 1 < len(np.unique(clusters)) < 120


def test_locked_rows_are_scored_only_when_they_were_opened(tmp_path: Path) -> None:
    y = draws(0, 50)
    of = evidence(tmp_path, y)
    of.save_holdout("a", np.array([1.5, 2.5]))
    contest = compete([enter(of, "a", y), enter(of, "b", y)], METRIC["mae"])
    assert contest.locked[0] is not None
    assert contest.locked[0].value == pytest.approx(0.5)
    assert contest.locked[1] is None
    opened = locked(Entrant(evidence=of, run="a", version=1, table="t"))
    assert opened is not None
    assert opened.y.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("changed", "version", "words"),
    [
        ({}, 2, "on version 1 of the table, the other on version 2"),
        ({"target": "z"}, 1, "different questions"),
        ({"task": "classification"}, 1, "different questions"),
        ({"labels": ("a", "b")}, 1, "different classes"),
        ({"rows": np.arange(10, 60)}, 1, "40 rows are the same, of 50 and 50"),
    ],
)
def test_models_tested_on_other_rows_are_not_compared_strictly(
    tmp_path: Path, changed: dict[str, Any], version: int, words: str
) -> None:
    y = draws(0, 50)
    one = enter(evidence(tmp_path / "one", y), "a", y)
    other = enter(replace(evidence(tmp_path / "other", y), **changed), "a", y, version=version)
    assert words in why_not(one, other)
    assert why_not(one, one) == ""


def test_a_pair_that_cannot_be_compared_says_why_and_gives_no_difference(tmp_path: Path) -> None:
    y = draws(0, 50)
    one = enter(evidence(tmp_path / "one", y), "a", y)
    other = enter(evidence(tmp_path / "other", y), "a", y + 9, version=2)
    (pair,) = compete([one, other], METRIC["mae"]).pairs
    assert pair.reason
    assert pair.difference is None
    assert not pair.told_apart


def test_of_very_many_rows_a_sample_is_taken_the_same_of_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entrants, "MOST_ROWS", 100)
    y = draws(0, 500)
    of = evidence(tmp_path, y)
    one, other = enter(of, "a", y + 1), enter(of, "b", y + 2)
    assert (unseen(one).y == unseen(other).y).all()
    found = compete([one, other], METRIC["mae"]).unseen[0]
    assert (found.n_rows, found.of_rows) == (100, 500)


def test_many_classes_take_fewer_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entrants, "_MOST_CELLS", 90)
    of = evidence(
        tmp_path, np.arange(60) % 3, task="classification", labels=("a", "b", "c"), y_holdout=np.array([0, 1])
    )
    assert len(unseen(enter(of, "a", np.full((60, 3), 1 / 3))).y) == 30


def test_missing_predictions_are_a_sentence(tmp_path: Path) -> None:
    of = evidence(tmp_path, draws(0, 20))
    with pytest.raises(EngineError, match="missing or damaged"):
        compete([Entrant(evidence=of, run="a", version=1, table="t")], METRIC["mae"])


def test_models_of_one_experiment_are_told_apart_only_where_the_folds_agree(tmp_path: Path) -> None:
    y = draws(0, 200)
    of = evidence(tmp_path, y)
    good, bad = enter(of, "a", y + 0.1 * draws(1, 200)), enter(of, "b", y + draws(2, 200))
    steady = [(0.10, 0.11, 0.10, 0.09, 0.10), (0.8, 0.7, 0.8, 0.9, 0.8)]
    unsteady = [(0.1, 0.1, 0.1, 0.1, 0.1), (0.05, 0.05, 3.0, 0.05, 0.05)]
    for (one, other), expected in ((steady, True), (unsteady, False)):
        both = [replace(good, scores=one, test_to_train=0.25), replace(bad, scores=other, test_to_train=0.25)]
        contest = compete(both, METRIC["mae"])
        assert contest.pairs[0].told_apart is expected
        assert "the folds both" in contest.tested
    assert compete(both, METRIC["rmse"]).pairs[0].told_apart
    assert "by the tested rows alone" in compete(both, METRIC["rmse"]).tested


def test_the_baseline_guesses_one_answer_for_all_rows(tmp_path: Path) -> None:
    """Guesses made fold by fold would rank the rows the wrong way round."""
    y = np.arange(60) % 2
    of = evidence(
        tmp_path,
        y,
        task="classification",
        labels=("a", "b"),
        metric="roc_auc",
        y_holdout=np.array([0, 1]),
        fold=y,
    )
    backwards = enter(of, "baseline", np.column_stack([y, 1 - y]).astype(float))
    assert compete([backwards], METRIC["roc_auc"]).unseen[0].value == pytest.approx(0.5)
