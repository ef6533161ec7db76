import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.learning.evidence import Evidence
from beanft.engine.learning.uncertainty import kept
from beanft.engine.learning.uncertainty.kept import (
    column_weights,
    file_of,
    load_uncertainty,
    save_uncertainty,
)
from beanft.engine.learning.uncertainty.local import fit_by_columns
from beanft.engine.learning.uncertainty.making import make

Stage = Callable[..., Evidence]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Evidence of a run named “one”, as a training leaves it."""

    def put(
        y: np.ndarray,
        said: np.ndarray,
        *,
        labels: tuple[str, ...] = (),
        by: str = "",
        order: np.ndarray | None = None,
        n_locked: int = 100,
        opened: bool = True,
    ) -> Evidence:
        n = len(y) - n_locked
        evidence = Evidence(
            folder=tmp_path,
            task="classification" if labels else "regression",
            target="y",
            metric="accuracy" if labels else "rmse",
            labels=labels,
            features=("a",),
            by=by,
            seed=0,
            rows=np.arange(n),
            rows_holdout=np.arange(n, len(y)),
            y=y[:n],
            y_holdout=y[n:],
            order=None if order is None else order[:n],
            order_holdout=None if order is None else order[n:],
            fold=np.arange(n) % 5,
        )
        evidence.save()
        evidence.save_oof("one", said[:n])
        if opened:
            evidence.save_holdout("one", said[n:])
        return evidence

    return put


def numbers(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    said = random.normal(size=n)
    return said + random.normal(size=n), said


def words(facts: dict[str, Any]) -> str:
    return " ".join(facts["sentences"])


def test_it_is_made_of_the_evidence_when_it_is_asked_for(stage: Stage, tmp_path: Path) -> None:
    stage(*numbers(700))
    known = load_uncertainty(tmp_path, "one")
    facts = known.facts(0.9)
    assert file_of(tmp_path, "one").exists()
    assert facts["n_calibration"] == 600
    assert facts["measured"]["locked"]["n"] == 100
    assert facts["measured"]["unseen"]["low"] < 0.9 < facts["measured"]["unseen"]["high"]
    assert [one["n"] for one in facts["groups"]] == [150] * 4
    assert "Of 100 locked rows, the 90 % intervals held the truth of " in words(facts)
    assert load_uncertainty(tmp_path, "one") is known


def test_what_was_kept_gives_the_same_bits(stage: Stage, tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    y, said = numbers(1100)
    matrix = random.normal(size=(1000, 2))
    y[:1000] += np.where(matrix[:, 0] > 0, 4.0, 0.1) * random.normal(size=1000)
    evidence = stage(y, said)
    made = make(evidence, "one", matrix=matrix, matrix_locked=np.zeros((100, 2)), fit_columns=fit_by_columns)
    save_uncertainty(tmp_path, "one", made)
    again = load_uncertainty(tmp_path, "one")
    assert again.known["scale"] == "columns"
    for level in again.levels:
        for side, other in zip(
            made.rule.around(said[:1000], matrix, level),  # type: ignore[union-attr]  # it is of numbers
            again.rule.around(said[:1000], matrix, level),  # type: ignore[union-attr]
            strict=True,
        ):
            assert np.array_equal(side, other)


def test_a_run_that_ran_again_is_measured_again(stage: Stage, tmp_path: Path) -> None:
    y, said = numbers(700)
    evidence = stage(y, said, opened=False)
    assert load_uncertainty(tmp_path, "one").facts()["measured"]["locked"] is None
    evidence.save_holdout("one", said[600:])
    assert load_uncertainty(tmp_path, "one").facts()["measured"]["locked"]["n"] == 100


def with_columns(stage: Stage) -> Evidence:
    """Evidence whose uncertainty was left at the end of the training, with what only that can know."""
    random = np.random.default_rng(1)
    y, said = numbers(1100)
    matrix = random.normal(size=(1000, 2))
    y[:1000] += np.where(matrix[:, 0] > 0, 4.0, 0.1) * random.normal(size=1000)
    evidence = stage(y, said)
    made = make(evidence, "one", matrix=matrix, matrix_locked=np.zeros((100, 2)), fit_columns=fit_by_columns)
    more = {"row_s": 0.001, "all_rows": True, "column_weights": {"a": 1.0}}
    save_uncertainty(evidence.folder, "one", replace(made, facts=made.facts | more))
    return evidence


def test_a_plain_copy_of_the_folder_is_as_it_was(stage: Stage, tmp_path: Path) -> None:
    with_columns(stage)
    copied = tmp_path / "copied"
    copied.mkdir()
    for place, path in enumerate(sorted(tmp_path.glob("*.np?"), key=lambda path: "npy" in path.name)):
        shutil.copyfile(path, copied / path.name)
        os.utime(copied / path.name, ns=(10**18 + place, 10**18 + place))
    shutil.copyfile(tmp_path / "evidence.json", copied / "evidence.json")
    known = load_uncertainty(copied, "one").known
    assert (known["scale"], known["all_rows"]) == ("columns", True)
    assert column_weights(copied, "one") == {"a": 1.0}


def test_what_is_made_anew_keeps_what_only_the_training_knew(stage: Stage, tmp_path: Path) -> None:
    evidence = with_columns(stage)
    evidence.save_holdout("one", np.zeros(100))
    file = file_of(tmp_path, "one")
    os.utime(file, ns=(1, 1))
    known = load_uncertainty(tmp_path, "one").known
    assert (known["row_s"], known["all_rows"], known["column_weights"]) == (0.001, True, {"a": 1.0})
    assert known["levels"]["0.9"]["measured"]["locked"]["n"] == 100
    evidence.save_oof("one", np.zeros(1000))
    os.utime(file, ns=(1, 1))
    assert "column_weights" not in load_uncertainty(tmp_path, "one").known


def test_a_model_of_before_is_asked_whether_it_knows_the_locked_rows(stage: Stage, tmp_path: Path) -> None:
    stage(*numbers(700))
    since = "learned from"
    assert since not in words(load_uncertainty(tmp_path, "one").facts())
    assert since in words(load_uncertainty(tmp_path, "one", all_rows=True).facts())
    assert since not in words(load_uncertainty(tmp_path, "one", all_rows=False).facts())


def _words(folder: Path) -> None:
    (folder / "evidence.json").write_text('{"labels": [], "features": []}')


def _lines(folder: Path) -> None:
    (folder / "evidence.json").write_text("[]")


def _rows(folder: Path) -> None:
    (folder / "rows.npz").write_bytes(b"PK\x03\x04 and no more")


def _shape(folder: Path) -> None:
    np.save(folder / "one.oof.npy", np.array(["a"] * 600))


@pytest.mark.parametrize("spoil", [_words, _lines, _rows, _shape])
def test_odd_evidence_leaves_it_unknown_and_is_read_once(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Path], None]
) -> None:
    stage(*numbers(700))
    spoil(tmp_path)
    known = load_uncertainty(tmp_path, "one")
    assert known.rule is None
    assert known.why_not(0.9) != ""
    monkeypatch.setattr(kept, "open_evidence", lambda _: pytest.fail("it was read again"))
    assert load_uncertainty(tmp_path, "one") is known


def test_where_nothing_can_be_written_it_is_made_once(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evidence = stage(*numbers(700))

    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(kept, "save_uncertainty", refuse)
    known = load_uncertainty(tmp_path, "one")
    assert known.facts()["n_calibration"] == 600
    assert not file_of(tmp_path, "one").exists()
    assert load_uncertainty(tmp_path, "one") is known
    evidence.save_oof("one", np.zeros(600))
    assert load_uncertainty(tmp_path, "one") is not known


def test_without_evidence_it_says_why_there_is_nothing(tmp_path: Path) -> None:
    known = load_uncertainty(tmp_path, "one")
    assert known.rule is None
    assert known.facts(0.8)["sentences"] == [known.why_not(0.8)] != [""]
    assert column_weights(tmp_path, "one") is None


def test_a_damaged_or_hostile_file_is_not_run(tmp_path: Path) -> None:
    file_of(tmp_path, "one").write_bytes(b"\x80\x04cos\nsystem\n(S'touch owned'\ntR.")
    assert load_uncertainty(tmp_path, "one").rule is None
    np.savez(file_of(tmp_path, "two"), facts=np.array([object()], dtype=object), allow_pickle=True)
    assert load_uncertainty(tmp_path, "two").rule is None


def test_a_level_that_is_not_offered_is_refused(stage: Stage, tmp_path: Path) -> None:
    stage(*numbers(700))
    with pytest.raises(EngineError, match="Choose one of these levels: 80, 90, 95, 99 %"):
        load_uncertainty(tmp_path, "one").facts(0.5)


def test_few_rows_have_low_levels_only_and_say_so(stage: Stage, tmp_path: Path) -> None:
    stage(*numbers(140), n_locked=100)
    known = load_uncertainty(tmp_path, "one")
    assert known.why_not(0.9) == ""
    assert known.why_not(0.99) == (
        "40 rows are too few for a level of 99 %: at least 99 are needed. Choose a lower level."
    )
    assert not known.facts(0.99)["available"]


def test_groups_are_counted_and_promised_as_groups(stage: Stage, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(35), 40)
    said = random.normal(size=1400)
    y = said + 3 * random.normal(size=35)[groups] + random.normal(size=1400)
    stage(y, said, by="group", order=groups, n_locked=400)
    facts = load_uncertainty(tmp_path, "one").facts(0.9)
    assert facts["measured"]["locked"]["n_clusters"] == 10
    assert "With each of 10 groups counting the same" in words(facts)
    assert "In one group it may be far less." in words(facts)
    assert "25 groups are too few for a level of 99 %" in load_uncertainty(tmp_path, "one").why_not(0.99)


def test_with_time_nothing_is_promised_of_the_future(stage: Stage, tmp_path: Path) -> None:
    y, said = numbers(700)
    y[600:] += 4  # what came later is another world
    stage(y, said, by="time", order=np.arange(700))
    facts = load_uncertainty(tmp_path, "one").facts(0.9)
    assert "nobody can promise" in words(facts)
    assert "That is less than 90 % beyond chance" in words(facts)
    assert "locked, later rows" in words(facts)


def test_a_range_that_is_served_worse_is_named(stage: Stage, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    said = np.concatenate([random.uniform(0, 1, 75), random.uniform(1, 4, 225), random.uniform(0, 4, 100)])
    y = said + np.concatenate([5 * random.normal(size=75), 0.5 * random.normal(size=325)])
    order = np.arange(400)
    stage(y[order], said[order])
    facts = load_uncertainty(tmp_path, "one").facts(0.9)
    worst = min(facts["groups"], key=lambda one: one["coverage"])
    assert ("It is less for predictions of" in words(facts)) is (worst["high"] < 0.9)


def test_classes_are_told_apart(stage: Stage, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    margins = random.normal(size=(1200, 3)) + np.log([0.6, 0.38, 0.02])
    chances = np.exp(margins) / np.exp(margins).sum(axis=1, keepdims=True)
    y = (margins + random.gumbel(size=margins.shape)).argmax(axis=1)
    stage(y, chances, labels=("red", "green", "blue"))
    facts = load_uncertainty(tmp_path, "one").facts(0.9)
    assert facts["kind"] == "classes"
    assert facts["pooled"] == ["blue"]
    assert "“blue” has too few rows to be measured alone" in words(facts)
    assert [one["name"] for one in facts["groups"]][:2] == ["red", "green"]
    assert 1 <= facts["measured"]["unseen"]["size"] <= 3
