"""Columns of a batch against the training table: nothing moves in itself, and what moves is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from beanft.engine.learning.batches.drift import Watcher
from beanft.engine.learning.inputs import check
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.read import ingest

_ISLANDS = ("Biscoe", "Dream", "Torgersen")


def _rows(n: int, *, mass: float = 40.0, zeros: float = 0.7, seed: int = 1) -> list[list[str]]:
    random = np.random.default_rng(seed)
    return [
        [
            f"{random.normal(mass, 5):.2f}",
            _ISLANDS[random.integers(3)],
            f"2025-{random.integers(1, 13):02}-{random.integers(1, 29):02}",
            "0" if random.random() < zeros else f"{random.integers(1, 500)}",
        ]
        for _ in range(n)
    ]


_NAMES = ("mass", "island", "seen", "rain")


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory) -> tuple[Profile, Path]:
    folder = tmp_path_factory.mktemp("training")
    text = "\n".join(",".join(row) for row in [list(_NAMES), *_rows(400)])
    (folder / "original").write_text(text)
    target = folder / "table.parquet"
    found = ingest(source=str(folder / "original"), target=str(target), original_name="t.csv")
    return Profile.from_dict(found["profile"]), target


def _schema(profile: Profile) -> list[dict[str, Any]]:
    return [
        {
            "name": column.name,
            "kind": column.kind,
            "stored": column.stored,
            "format": column.format,
            "minimum": None,
            "maximum": None,
            "known": list(_ISLANDS) if column.name == "island" else None,
            "missing": True,
        }
        for column in profile.columns
    ]


def _found(training: tuple[Profile, Path], rows: list[list[str]], n_blocks: int = 1) -> dict[str, Any]:
    profile, table = training
    watcher = Watcher(profile.columns, profile.n_rows, table)
    size = -(-len(rows) // n_blocks)
    for start in range(0, len(rows), size):
        checked = check(_NAMES, rows[start : start + size], _schema(profile))
        assert not checked.n_errors, checked.errors
        watcher.add(checked.columns, checked.unknown)
    return watcher.found()


def _of(found: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in found["columns"] if one["name"] == name)


def test_the_training_table_does_not_move_from_itself(training: tuple[Profile, Path]):
    found = _found(training, _rows(400), n_blocks=7)
    assert found["n_compared"] == 4
    assert [one["psi"] for one in found["columns"]] == pytest.approx([0.0] * 4, abs=1e-9)
    assert found["level"] == "none"
    assert _of(found, "mass")["mean_new"] == pytest.approx(_of(found, "mass")["mean_old"])
    assert not any(one["sentences"] for one in found["columns"])


def test_a_column_that_moved_comes_first_and_says_how(training: tuple[Profile, Path]):
    found = _found(training, _rows(300, mass=50.0, seed=2))
    first = found["columns"][0]
    assert (first["name"], first["words"], found["level"]) == ("mass", "strong", "strong")
    assert first["sentences"][0].startswith("Values are higher: ")
    assert "mass" in found["verdict"]
    assert first["low"] < first["difference"] < first["high"]


def test_what_moves_within_a_coarse_column_shows(training: tuple[Profile, Path]):
    assert _of(_found(training, _rows(300, zeros=0.2, seed=3)), "rain")["words"] in ("slight", "strong")
    assert _of(_found(training, _rows(300, zeros=0.7, seed=4)), "rain")["words"] == "none that shows"


def test_unseen_categories_and_missing_values_are_told_apart(training: tuple[Profile, Path]):
    rows = _rows(200, seed=5)
    for row in rows[:40]:
        row[1] = "Atlantis"
    for row in rows[40:100]:
        row[1] = ""
    island = _of(_found(training, rows, n_blocks=3), "island")
    assert island["unknown"] == pytest.approx(0.2)
    assert island["missing"]["one"] == pytest.approx(0.3)
    assert "20 % of the rows hold a category that training never saw." in island["sentences"]
    assert any("30 % are missing" in sentence for sentence in island["sentences"])


def test_a_few_rows_say_nothing(training: tuple[Profile, Path]):
    found = _found(training, _rows(3, mass=90.0))
    assert found["level"] == "unknown"
    assert "too few" in found["verdict"]


def test_the_range_seen_is_that_of_the_values_not_of_the_bins(training: tuple[Profile, Path]):
    low, high = (getattr(training[0].columns[0], end) for end in ("minimum", "maximum"))
    edges = training[0].columns[0].edges
    assert edges[0] < low - 0.01
    assert high + 0.01 < edges[-1]
    rows = _rows(200, seed=6)
    for place, row in enumerate(rows):  # within the outer bins for 1 row in 4
        row[0] = (f"{low - 0.01:.2f}", f"{high + 0.01:.2f}", f"{low:.2f}", f"{high:.2f}")[place % 4]
        if place < 20:
            row[0] = f"{high + 0.01:.2f}"
    mass = _of(_found(training, rows, n_blocks=3), "mass")
    assert mass["beyond"] == pytest.approx((20 + 90) / 200)
    assert "55 % of the values lie beyond the range seen in training." in mass["sentences"]


def test_columns_counted_between_quantiles_and_dates_have_a_range_too(training: tuple[Profile, Path]):
    rows = _rows(200, seed=7)
    for row in rows[:30]:
        row[3] = "900"
    for row in rows[:10]:
        row[2] = "2026-06-01"
    found = _found(training, rows, n_blocks=4)
    assert _of(found, "rain")["beyond"] == pytest.approx(0.15)
    assert _of(found, "seen")["beyond"] == pytest.approx(0.05)
    assert _of(found, "island")["beyond"] == 0.0
