"""The score of a batch on its own true values."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.signal import lfilter

from beanft.engine.learning.batches.score import _covered, _described, _Rows, _truths, score
from beanft.engine.learning.evidence import Evidence
from beanft.engine.learning.reports.shares import share_interval
from beanft.engine.tables.columns import Column
from engine.learning.batches.files import classes, numbers

_KIND = Column(name="kind", kind="category", stored="VARCHAR", n_missing=0, n_distinct=2)
_PRICE = Column(name="price", kind="number", stored="DOUBLE", n_missing=0, n_distinct=60)


def _evidence(labels: tuple[str, ...], y: np.ndarray) -> Evidence:
    return Evidence(
        folder=Path(),
        task="classification" if labels else "regression",
        target="t",
        metric="accuracy" if labels else "mae",
        labels=labels,
        features=(),
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


def test_too_few_true_values_give_no_score(tmp_path: Path):
    path, facts = classes(tmp_path)
    found = score(path, facts, target=_KIND, labels=["a", "b"], evidence=None)
    assert (found["n_rows"], found["n_without"], found["n_unread"]) == (8, 1, 1)
    assert "Only 8 rows" in found["why_not"]


@pytest.mark.parametrize("labels", [("nein", "ja"), ("false", "true")])  # the latter of an earlier release
def test_stored_truth_values_are_found_among_the_owners_words(labels: tuple[str, str]):
    paid = Column(
        name="paid", kind="boolean", stored="BOOLEAN", n_missing=0, n_distinct=2, labels=("nein", "ja")
    )
    typed, texts = pa.array([True, False, None]), pa.array(["JA", "nein", "vielleicht", "", "n/a"])
    for cells, is_unread in ((typed, [False]), (texts, [True, False, False])):
        column = _described(paid, labels)
        codes, unread = _truths(pa.chunked_array([cells]), column, labels, plain_first=False)
        assert codes[:2].tolist() == [1.0, 0.0]
        assert np.isnan(codes[2:]).all()
        assert unread.tolist() == [False, False, *is_unread]


def test_classes_are_scored_beside_guessing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("beanft.engine.learning.batches.score.FEWEST_ROWS", 5)
    path, facts = classes(tmp_path)
    evidence = _evidence(("a", "b"), np.array([0] * 7 + [1] * 3))
    found = score(path, facts, target=_KIND, labels=["a", "b"], evidence=evidence)
    # true a b b b a a a a against predicted a b a b b a a b in the rows that have a class
    assert found["metrics"]["accuracy"]["value"] == pytest.approx(5 / 8)
    assert found["guess"]["accuracy"] == pytest.approx(5 / 8)
    assert found["headline"] == "accuracy"
    assert found["confusion"]["counts"] == [[3, 2], [1, 2]]
    assert found["covered"]["n"] == 8
    assert found["covered"]["value"] == pytest.approx(7 / 8)
    assert "cannot be told apart from guessing" in found["verdict"]


@pytest.mark.parametrize(("ranks", "ranked"), [("f1", 1 / 3), ("accuracy", 4 / 5)])
def test_every_score_has_the_guess_that_is_best_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ranks: str, ranked: float
):
    """F1 is best guessed by always naming the rarer class, which is seldom right; accuracy is not."""
    monkeypatch.setattr("beanft.engine.learning.batches.score.FEWEST_ROWS", 5)
    path, facts = classes(tmp_path)
    table = pq.read_table(path)
    kinds = pa.array(["a"] * 8 + ["b"] * 2)
    pq.write_table(table.set_column(table.column_names.index("kind"), "kind", kinds), path)
    evidence = replace(_evidence(("a", "b"), np.array([0] * 9 + [1])), metric=ranks)
    found = score(path, facts, target=_KIND, labels=["a", "b"], evidence=evidence)
    assert found["headline"] == ranks
    assert found["guess"][ranks] == pytest.approx(ranked)
    assert found["guess"]["accuracy"] == pytest.approx(4 / 5)
    assert found["difference"]["value"] == pytest.approx(found["metrics"][ranks]["value"] - ranked)


def test_the_mean_is_the_guess_by_rmse_though_the_median_is_that_by_mae(tmp_path: Path):
    path, facts = numbers(tmp_path)
    known = np.array([0.0] * 60 + [1000.0] * 40)
    found = score(path, facts, target=_PRICE, labels=[], evidence=_evidence((), known))
    truth = np.array([10.0 * i + 0.5 for i in range(2, 60)])
    assert found["headline"] == "mae"
    assert found["guess"]["mae"] == pytest.approx(truth.mean())
    assert found["guess"]["rmse"] == pytest.approx(np.sqrt(((truth - 400.0) ** 2).mean()))


def test_numbers_are_scored_and_their_intervals_counted(tmp_path: Path):
    path, facts = numbers(tmp_path)
    found = score(path, facts, target=_PRICE, labels=[], evidence=_evidence((), np.arange(600.0)))
    assert (found["n_rows"], found["n_without"], found["n_unread"]) == (58, 1, 1)
    assert found["metrics"]["mae"]["value"] == pytest.approx(0.5)
    assert found["difference"]["low"] > 0
    assert "better than guessing" in found["verdict"]
    assert (found["covered"]["n"], found["covered"]["value"]) == (58, pytest.approx(53 / 58))


def _with_truth(path: Path, cells: list[str], predicted: list[float]) -> None:
    table = pq.read_table(path)
    for name, values in (("price", pa.array(cells)), ("prediction", pa.array(predicted))):
        table = table.set_column(table.column_names.index(name), name, values)
    pq.write_table(table, path)


def test_a_truth_that_may_mean_two_numbers_is_not_compared_where_the_file_has_its_own_style(tmp_path: Path):
    path, facts = numbers(tmp_path, 40)
    _with_truth(path, ["1.700", "12", *["9.125"] * 38], [1.7, 12.0, *[9.125] * 38])
    found = score(path, facts | {"restyled": True}, target=_PRICE, labels=[], evidence=None)
    assert "“price” can be read in two ways. A value such as “1.700” may" in found["why_not"]
    assert "metrics" not in found
    as_trained = score(path, facts, target=_PRICE, labels=[], evidence=None)
    assert as_trained["metrics"]["mae"]["value"] == 0.0


@pytest.mark.parametrize("restyled", [False, True])
@pytest.mark.parametrize(
    ("cells", "note"),
    [
        (["1.700,5", "12", *["9.000"] * 38], "In “price” “9.000” was read as 9000"),  # as the file writes all
        (["1700.5", "12.0", *["9000"] * 38], ""),  # however it may write other columns
    ],
)
def test_a_truth_is_read_as_it_is_written(tmp_path: Path, restyled: bool, cells: list[str], note: str):
    path, facts = numbers(tmp_path, 40)
    _with_truth(path, cells, [1700.5, 12.0, *[9000.0] * 38])
    found = score(path, facts | {"restyled": restyled}, target=_PRICE, labels=[], evidence=None)
    assert (found["why_not"], found["n_rows"]) == ("", 40)
    assert found["metrics"]["mae"]["value"] == 0.0
    assert found["note"].startswith(note) if note else found["note"] == ""


@pytest.mark.parametrize(
    ("n_held", "n", "n_known", "beside"),
    [
        (21, 1440, 14_016, "fewer"),
        (9, 10, 1000, "as promised"),
        (10, 10, 1000, "as promised"),
        (1440, 1440, 14_016, "more"),
        (1260, 1440, 14_016, "fewer"),  # 87.5 %
        (1260, 1440, 100, "as promised"),  # the intervals themselves rest on few rows
    ],
)
def test_what_intervals_held_is_set_beside_what_they_promise(n_held: int, n: int, n_known: int, beside: str):
    evidence = _evidence((), np.arange(float(n_known)))
    assert _covered_by(n_held, n, evidence)["beside"] == beside


def _covered_by(n_held: int, n: int, evidence: Evidence) -> dict[str, Any]:
    """What is said of intervals that held so many of the true values."""
    y = np.zeros(n)
    rows = _Rows(
        y=y,
        predicted=y,
        answered=y,
        low=np.where(np.arange(n) < n_held, -1.0, 1.0),
        high=np.full(n, 2.0),
        sets=None,
        n_without=0,
        n_unread=0,
        n_read=n,
        unclear="",
        note="",
    )
    found = _covered(rows, [], 0.9, evidence)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("by", "order", "n_held", "n", "beside"),
    [
        ("time", np.arange(14_016), 1260, 1440, "as promised"),  # 87.5 %: fewer, were the rows independent
        ("time", np.arange(14_016), 21, 1440, "fewer"),
        ("time", np.arange(14_016), 1440, 1440, "more"),
        ("time", np.arange(14_016) // 12, 1150, 1440, "as promised"),  # 80 %, of twelve rows a moment
        ("time", np.arange(14_016) // 12, 21, 1440, "fewer"),
        ("group", np.arange(14_016) // 48, 1150, 1440, "as promised"),  # of about thirty groups
        ("group", np.arange(14_016) // 48, 21, 1440, "fewer"),
        ("group", np.arange(14_016), 1260, 1440, "fewer"),  # each row is a group of its own
        ("group", np.arange(14_016) // 48, 0, 60, ""),  # hardly more than one group
        ("group", np.arange(14_016) // 48, 0, 144, "fewer"),
    ],
)
def test_rows_that_are_alike_count_once(by: str, order: np.ndarray, n_held: int, n: int, beside: str):
    """Errors near in time, or of one group, go together: by chance they are many at once."""
    evidence = replace(_evidence((), np.zeros(len(order))), by=by, order=order)
    found = _covered_by(n_held, n, evidence)
    assert found["beside"] == beside
    alone = share_interval(n_held, n)
    assert 0 <= found["low"] <= alone["low"] <= found["value"] <= alone["high"] <= found["high"] <= 1


def test_errors_that_last_are_seldom_called_fewer_than_promised():
    """Of 100 samples with autoregressive errors (0.8); were rows taken as independent it were about ten."""
    random, n_known, n = np.random.default_rng(0), 2000, 500
    evidence = replace(_evidence((), np.zeros(n_known)), by="time", order=np.arange(n_known))
    told = []
    for _ in range(100):
        errors = np.abs(lfilter([1.0], [1.0, -0.8], random.normal(size=n_known + n + 200))[200:])
        held = int((errors[n_known:] <= np.quantile(errors[:n_known], 0.9)).sum())
        told.append(_covered_by(held, n, evidence)["beside"])
    assert told.count("fewer") <= 3


@pytest.mark.parametrize("plain_first", [False, True])
def test_typed_truths_are_no_national_texts(tmp_path: Path, plain_first: bool):
    """Numbers of Parquet as they are; those of a workbook or JSON are texts that were written here."""
    truth = [7.506 + i / 8 for i in range(40)]
    numbers_of_file = pa.array(truth) if not plain_first else pa.array([repr(one) for one in truth])
    path, facts = numbers(tmp_path, 40)
    table = pq.read_table(path)
    for name, cells in (("price", numbers_of_file), ("prediction", pa.array(truth))):
        table = table.set_column(table.column_names.index(name), name, cells)
    pq.write_table(table, path)
    comma = replace(_PRICE, format="decimal comma")
    found = score(path, facts | {"plain_first": plain_first}, target=comma, labels=[], evidence=None)
    assert (found["n_rows"], found["n_unread"]) == (40, 0)
    assert found["metrics"]["mae"]["value"] == 0.0


@pytest.mark.parametrize("typed", [True, False])
def test_typed_truths_that_are_classes_keep_their_names(
    tmp_path: Path, typed: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("beanft.engine.learning.batches.score.FEWEST_ROWS", 5)
    path, facts = classes(tmp_path)
    table, doses = pq.read_table(path), [7.506, 1.25] * 5
    cells = pa.array(doses) if typed else pa.array([repr(one) for one in doses])
    answers = pa.array(["7.506", "1.25"] * 5)
    for name, values in (("kind", cells), (facts["added"]["prediction"], answers)):
        table = table.set_column(table.column_names.index(name), name, values)
    pq.write_table(table.set_column(table.column_names.index("set"), "set", pa.nulls(10, pa.string())), path)
    target = Column(
        name="kind", kind="category", stored="DOUBLE", n_missing=0, n_distinct=2, format="decimal comma"
    )
    found = score(
        path, facts | {"plain_first": not typed}, target=target, labels=["7.506", "1.25"], evidence=None
    )
    assert (found["n_rows"], found["n_unread"], found["covered"]) == (10, 0, None)
    assert found["metrics"]["accuracy"]["value"] == 1.0


def test_without_evidence_nothing_is_said_of_guessing(tmp_path: Path):
    path, facts = numbers(tmp_path)
    found = score(path, facts, target=_PRICE, labels=[], evidence=None)
    assert found["headline"] == "rmse"
    assert (found["guess"], found["difference"], found["verdict"]) == ({}, None, "")


def test_of_a_long_table_a_part_is_scored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("beanft.engine.learning.batches.score._MOST_ROWS", 40)
    path, facts = numbers(tmp_path)
    found = score(path, facts, target=_PRICE, labels=[], evidence=None)
    assert 10 <= found["sampled"] < 60
