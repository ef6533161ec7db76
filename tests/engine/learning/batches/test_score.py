"""The score of a batch on its own true values."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beanft.engine.learning.batches.score import _truths, score
from beanft.engine.learning.evidence import Evidence
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
        codes, unread = _truths(pa.chunked_array([cells]), paid, labels, plain_first=False)
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


def test_numbers_are_scored_and_their_intervals_counted(tmp_path: Path):
    path, facts = numbers(tmp_path)
    found = score(path, facts, target=_PRICE, labels=[], evidence=_evidence((), np.arange(600.0)))
    assert (found["n_rows"], found["n_without"], found["n_unread"]) == (58, 1, 1)
    assert found["metrics"]["mae"]["value"] == pytest.approx(0.5)
    assert found["difference"]["low"] > 0
    assert "better than guessing" in found["verdict"]
    assert (found["covered"]["n"], found["covered"]["value"]) == (58, pytest.approx(53 / 58))


def test_numbers_in_another_style_than_in_training_are_not_compared(tmp_path: Path):
    path, facts = numbers(tmp_path, 40)
    found = score(path, facts | {"restyled": True}, target=_PRICE, labels=[], evidence=None)
    assert "writes numbers in another way" in found["why_not"]
    assert "metrics" not in found


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
