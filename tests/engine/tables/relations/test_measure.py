"""Which columns of a table are compared, on which rows, and by which measure."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from beanft.engine.tables import sampling
from beanft.engine.tables.columns import Column
from beanft.engine.tables.connection import connect
from beanft.engine.tables.profiling.figures import describe
from beanft.engine.tables.relations.measure import measure
from beanft.engine.tables.relations.pairs import Correlations, Pair

KINDS = {"BIGINT": "number", "DOUBLE": "number", "BOOLEAN": "boolean", "VARCHAR": "category"}


def measured(folder: Path, frame: pd.DataFrame, **kinds: str) -> Correlations | None:
    path = folder / "t.parquet"
    frame.to_parquet(path)
    with connect(folders=[folder]) as database:
        found = database.execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall()
        columns = [
            Column(name=name, kind=KINDS.get(stored, "date"), stored=stored, n_missing=0, n_distinct=0)
            for name, stored, *_ in found
        ]
        described = [column for column, _ in describe(database, path, columns, n_rows=len(frame))]
        described = [replace(column, kind=kinds.get(column.name, column.kind)) for column in described]
        return measure(database, path, described, n_rows=len(frame))


def pair(found: Correlations | None, a: str, b: str) -> Pair:
    assert found is not None
    (one,) = [one for one in found.pairs if {one.a, one.b} == {a, b}]
    return one


def test_each_pair_uses_the_rows_in_which_both_have_a_value(tmp_path):
    x = np.arange(60.0)
    y, z = x**2, -x
    y[:20] = np.nan
    z[50:] = np.nan
    frame = pd.DataFrame({"x": x, "y": y, "z": z})
    found = measured(tmp_path, frame)
    assert pair(found, "x", "y").n_rows == 40
    assert pair(found, "y", "z").n_rows == 30
    assert pair(found, "y", "z").value == pytest.approx(frame["y"].corr(frame["z"]))
    assert pair(found, "x", "z").value == pytest.approx(-1.0)


def test_rows_without_a_category_are_in_no_pair(tmp_path):
    words = np.array(["a", "b", "c"], dtype=object)[np.arange(90) % 3]
    other = np.array(["x", "y"], dtype=object)[np.arange(90) % 2]
    words[:20], other[80:] = None, None
    frame = pd.DataFrame({"p": words, "q": other, "n": np.arange(90.0) + 1})
    found = measured(tmp_path, frame)
    assert pair(found, "p", "q").n_rows == 60
    assert pair(found, "p", "n").n_rows == 70
    assert pair(found, "q", "n").n_rows == 80


def test_cramers_v_of_equal_and_of_unrelated_categories(tmp_path):
    words = np.array(["a", "b", "c"])
    i = np.arange(900)
    frame = pd.DataFrame({"p": words[i % 3], "q": np.array(["x", "y", "z"])[i % 3], "r": words[i // 3 % 3]})
    found = measured(tmp_path, frame)
    assert pair(found, "p", "q").value == pytest.approx(1.0, abs=0.01)
    unrelated = pair(found, "p", "r")
    assert unrelated.value == 0.0
    assert unrelated.words == "none that shows"


def test_a_boolean_is_a_category_beside_a_category_and_a_number_beside_a_number(tmp_path):
    i = np.arange(400)
    frame = pd.DataFrame(
        {"b": i % 2 == 0, "g": np.where(i % 2 == 0, "x", "y"), "v": i * 1.0, "c": i % 4 == 0}
    )
    found = measured(tmp_path, frame)
    assert pair(found, "b", "g").measure == "cramer"
    assert pair(found, "b", "g").value == pytest.approx(1.0, abs=0.01)
    assert (pair(found, "b", "v").measure, pair(found, "b", "c").measure) == ("pearson", "pearson")
    assert pair(found, "v", "g").measure == "eta"


def test_dates_and_booleans_count_as_numbers(tmp_path):
    day = pd.to_datetime("2024-01-01") + pd.to_timedelta(np.arange(50), unit="D")
    frame = pd.DataFrame({"day": day, "n": np.arange(50) * 2, "late": np.arange(50) >= 25})
    found = measured(tmp_path, frame)
    assert pair(found, "day", "n").value == pytest.approx(1.0)
    assert pair(found, "late", "n").value == pytest.approx(math.sqrt(3) / 2, abs=0.01)


def test_extreme_and_infinite_numbers(tmp_path):
    x = np.arange(40.0)
    frame = pd.DataFrame({"x": x * 1e300, "y": np.where(x == 7, np.inf, x)})
    one = pair(measured(tmp_path, frame), "x", "y")
    assert one.value == pytest.approx(1.0)
    assert one.n_rows == 39


def test_what_cannot_be_compared_is_left_out(tmp_path):
    i = np.arange(300)
    frame = pd.DataFrame({"id": i, "x": i % 7, "same": 1, "many": i.astype(str), "w": (i % 2).astype(str)})
    found = measured(tmp_path, frame, id="identifier", same="constant")
    assert found is not None
    assert found.columns == ("x", "w")
    assert measured(tmp_path, frame[["id", "x"]], id="identifier") is None
    assert measured(tmp_path, frame[:8]) is None


def test_of_very_many_columns_those_with_the_fewest_missing_are_compared(tmp_path):
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({f"c{k}": rng.normal(size=50) for k in range(70)})
    frame.loc[:9, [f"c{k}" for k in range(10)]] = np.nan
    found = measured(tmp_path, frame)
    assert found is not None
    assert found.columns == tuple(f"c{k}" for k in range(10, 70))
    assert found.notes == ("70 columns could be compared; these are the 60 with the fewest missing values.",)
    assert len(found.pairs) == 60 * 59 / 2


def test_a_large_table_is_sampled_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(sampling, "SAMPLE_ROWS", 1000)
    i = np.arange(20_000)
    frame = pd.DataFrame({"x": i % 101, "y": i % 101 + i % 7, "w": (i % 3).astype(str)})
    found, again = measured(tmp_path, frame), measured(tmp_path, frame)
    assert found == again
    assert found is not None
    assert found.is_sample
    assert 850 < found.n_rows_used < 1150
    assert pair(found, "x", "y").value == pytest.approx(frame["x"].corr(frame["y"]), abs=0.01)


def test_the_strongest_pair_comes_first_and_all_survives_json(tmp_path):
    x = np.arange(80.0)
    frame = pd.DataFrame({"a": x % 9, "b": x, "c": x + x % 5, "w": (x % 2).astype(str)})
    found = measured(tmp_path, frame)
    assert found is not None
    assert (found.pairs[0].a, found.pairs[0].b) == ("b", "c")
    assert Correlations.from_dict(json.loads(json.dumps(found.to_dict()))) == found
    assert {one.a for one in found.of("w")} | {one.b for one in found.of("w")} == {"a", "b", "c", "w"}
