"""What is done otherwise in large tables: samples, small groups, whiskers near the ends, and few points."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from beanft.engine.charts import near_ends, samples, tally, whiskers
from beanft.engine.charts.chart import Chart
from beanft.engine.charts.draw import draw
from beanft.engine.charts.drawing import Drawing
from beanft.engine.charts.groups import ALL_ROWS, Groups, grouped_sql, place_values
from beanft.engine.charts.kinds import box
from beanft.engine.charts.rows import Rows, open_rows
from engine.charts.conftest import Draw, profile_of, write

N_ROWS = 24_000


@pytest.fixture
def table() -> pd.DataFrame:
    """Sorted by group, so that a sample from one end would miss most of them; "tiny" has 40 rows."""
    random = np.random.default_rng(3)
    group = np.sort(random.choice(["a", "b'; DROP", "c"], N_ROWS))
    group[-40:] = "tiny"
    y = random.lognormal(2, 1, N_ROWS) + (group == "c") * 50
    return pd.DataFrame({"g": group, "y": y.round(3), "u": random.normal(0, 1, N_ROWS)})


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take 24,000 rows for very many, and groups of fewer than 1,000 for small."""
    monkeypatch.setattr(samples, "_EXACT_ROWS", 1000)
    monkeypatch.setattr(samples, "_SAMPLED_ROWS", 6000)
    monkeypatch.setattr(tally, "FEW_IN_LARGE", 1000)
    monkeypatch.setattr(box, "FEW_IN_LARGE", 1000)


@pytest.mark.usefixtures("large")
def test_boxes_count_all_outliers_and_end_at_rows(table: pd.DataFrame, drawn: Draw) -> None:
    drawing = drawn(table, "box", x="g", y="y")
    assert [row[0] for row in drawing.rows] == sorted(
        table["g"].unique(), key=lambda g: -(table["g"] == g).sum()
    )
    for group, low, q1, median, q3, high, n, n_outliers, _ in drawing.rows:
        y = table["y"][table["g"] == group]
        inside = y[y.between(q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1))]
        assert (low, high, n, n_outliers) == (inside.min(), inside.max(), len(y), len(y) - len(inside))
        assert [q1, median, q3] == pytest.approx(list(y.quantile([0.25, 0.5, 0.75])), rel=0.08)
    assert any("even sample" in note for note in drawing.notes)


@pytest.mark.usefixtures("large")
def test_small_groups_of_large_tables_have_exact_quartiles(table: pd.DataFrame, drawn: Draw) -> None:
    y = table["y"][table["g"] == "tiny"]
    boxes = {row[0]: row for row in drawn(table, "box", x="g", y="y").rows}
    assert boxes["tiny"][2:5] == pytest.approx(tuple(y.quantile([0.25, 0.5, 0.75])))
    violins = {row[0]: row for row in drawn(table, "violin", x="g", y="y").rows}
    assert violins["tiny"][2:5] == pytest.approx(tuple(y.quantile([0.25, 0.5, 0.75])))
    bars = {row[0]: row for row in drawn(table, "bar", x="g", y="y", aggregation="median").rows}
    assert bars["tiny"][1] == pytest.approx(y.median())
    assert bars["a"][1] == pytest.approx(table["y"][table["g"] == "a"].median(), rel=0.08)


@pytest.mark.usefixtures("large")
def test_the_furthest_outliers_are_drawn(table: pd.DataFrame, drawn: Draw) -> None:
    table["y"] = np.exp(2 * table["u"])
    drawing = drawn(table, "box", y="y")
    _, _, q1, median, q3, *_ = drawing.rows[0]
    far = (table["y"] - median).abs()
    beyond = table["y"][(table["y"] < q1 - 1.5 * (q3 - q1)) | (table["y"] > q3 + 1.5 * (q3 - q1))]
    wanted = beyond.loc[far[beyond.index].sort_values(ascending=False).index][:1000]
    assert len(beyond) > 1000
    assert sorted(y for _, y in drawing.series[0].outliers) == pytest.approx(sorted(wanted))


def _near_and_far(kind: str) -> pd.DataFrame:
    random = np.random.default_rng(8)
    group = random.choice(["a", "b'; DROP", "c"], N_ROWS)
    y = {
        "long tail": random.lognormal(2, 1, N_ROWS),
        "two tails": random.standard_t(2, N_ROWS) + (group == "c"),
        "no outliers": random.uniform(0, 1, N_ROWS),
        "ties": random.poisson(3, N_ROWS).astype(float),
        "far apart": random.normal(0, 1, N_ROWS) + 100 * (group == "c"),
        "mostly zero": random.exponential(1, N_ROWS) * (random.random(N_ROWS) < 0.2),
        "a gap": np.where(random.random(N_ROWS) < 0.001, 1e6, random.uniform(0, 1, N_ROWS)),
    }[kind]
    return pd.DataFrame({"g": group, "y": y, "h": random.choice([True, False], N_ROWS)})


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize(
    "choices", [{"x": "g"}, {}, {"x": "g", "colour": "h"}], ids=["groups", "all", "colours"]
)
@pytest.mark.parametrize(
    ("kind", "is_quick"),
    [
        ("long tail", True),
        ("two tails", True),
        ("no outliers", True),
        ("ties", True),
        ("far apart", False),
        ("mostly zero", False),
        ("a gap", None),
    ],
)
def test_the_rows_near_the_ends_tell_the_same_as_all_rows(
    drawn: Draw, monkeypatch: pytest.MonkeyPatch, kind: str, is_quick: bool | None, choices: dict[str, str]
) -> None:
    monkeypatch.setattr(near_ends, "_MOST_ROWS", N_ROWS // 2)
    found: list[bool] = []
    quick = box._quick

    def listen(*given: Any) -> Any:
        answer = quick(*given)
        found.append(answer is not None)
        return answer

    def draw_it() -> Drawing:
        return drawn(_near_and_far(kind), "box", y="y", **choices)

    monkeypatch.setattr(box, "_quick", listen)
    near = draw_it()
    monkeypatch.setattr(box, "_quick", lambda *_: None)
    assert near == draw_it()
    if is_quick is not None and choices:
        assert found == [is_quick]


@pytest.mark.usefixtures("large")
def test_no_more_rows_are_fetched_than_twice_what_is_allowed(
    drawn: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All rows but those of the sample lie near the ends."""
    monkeypatch.setattr(near_ends, "_MOST_ROWS", N_ROWS // 10)
    row = np.arange(1, N_ROWS + 1)
    step = samples.sampling_step(N_ROWS)
    is_sampled = (row * samples.SCRAMBLE) % 2**32 < 2**32 // step
    y = np.where(is_sampled, np.random.default_rng(2).uniform(0, 1, N_ROWS), 5.0 - 10 * (row % 2))
    answers: list[Any] = []
    fetch = near_ends._fetch

    def listen(*given: Any) -> Any:
        answers.append(fetch(*given))
        return answers[-1]

    monkeypatch.setattr(near_ends, "_fetch", listen)
    drawing = drawn(pd.DataFrame({"y": y}), "box", y="y")
    assert answers == [None]
    assert drawing.rows[0][-3:-1] == (N_ROWS, int((~is_sampled).sum()))


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("order", ["value", "-value", "name", ""])
def test_boxes_ordered_by_value_may_be_those_of_the_rarest_categories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    monkeypatch.setattr(near_ends, "_MOST_ROWS", N_ROWS)
    monkeypatch.setattr(box, "FEW_IN_LARGE", 100)
    random = np.random.default_rng(11)
    place = random.integers(0, np.where(random.random(N_ROWS) < 0.5, 25, 50))
    frame = pd.DataFrame(
        {"city": [f"city {one:02}" for one in place], "y": random.normal(0, 20, N_ROWS) + place}
    )
    write(frame, tmp_path / "table.parquet")
    profile = profile_of(frame)
    top = tuple((str(city), int(n)) for city, n in frame["city"].value_counts().head(20).items())
    known = replace(profile, columns=(replace(profile.columns[0], top=top), profile.columns[1]))
    chart = Chart(kind="box", x="city", y="y", order=order, top=5)
    found, wanted = (draw(tmp_path / "table.parquet", one, chart) for one in (known, profile))
    assert found == wanted
    assert len(found.places) == 6


def test_whiskers_far_within_the_fences_are_found(drawn: Draw) -> None:
    """No row lies near the upper fence of 30 but outliers do beyond it, so all rows are looked through."""
    y = [*np.linspace(0, 12, 101), 100.0, 101.0, -90.0]
    _, low, *_, high, n, n_outliers, _ = drawn(pd.DataFrame({"y": y}), "box", y="y").rows[0]
    assert (low, high, n, n_outliers) == (0.0, 12.0, 104, 3)


def test_boxes_of_no_length_keep_their_outliers(drawn: Draw) -> None:
    frame = pd.DataFrame({"g": ["a"] * 20 + ["b"] * 20, "y": [1.0] * 18 + [5.0, 9.0] + list(range(20))})
    drawing = drawn(frame, "box", x="g", y="y")
    assert [(row[1], row[5], row[7]) for row in drawing.rows] == [(1.0, 1.0, 2), (0.0, 19.0, 0)]
    assert sorted(drawing.series[0].outliers) == [(0, 5.0), (0, 9.0)]


def test_a_number_that_is_not_finite_is_written_as_sql() -> None:
    assert whiskers.number_sql(float("inf")) == "'inf'::DOUBLE"
    assert duckdb.sql(f"SELECT {whiskers.number_sql(float('-inf'))} < -1e308").fetchall() == [(True,)]


@pytest.mark.parametrize("n_other", [0, 3])
def test_rows_find_the_place_of_their_group(tmp_path, n_other: int) -> None:
    frame = pd.DataFrame({"g": ["a", "b", "", "a", "z"] if n_other else ["a", "b", "", "a", "b"]})
    groups = Groups(("a", "b", ""), ("a", "b", "", *(["other"] if n_other else [])), n_other)
    with duckdb.connect() as database:
        rows = _rows(database, frame, tmp_path, Chart(kind="bar", x="g"))
        sql = f"{grouped_sql('row', groups, ALL_ROWS)} ORDER BY row"
        found = rows.ask(sql, place_values(groups, ALL_ROWS))
    assert found == [(0, 0, 1), (1, 0, 2), (2, 0, 3), (0, 0, 4), (3 if n_other else 1, 0, 5)]


def test_one_named_group_beside_others_is_told_apart(tmp_path) -> None:
    """An empty text is a category like any other, not the sign of a chart without colours."""
    groups = Groups(("",), ("", "other (1 value)"), 1)
    with duckdb.connect() as database:
        rows = _rows(database, pd.DataFrame({"g": ["", "b"]}), tmp_path, Chart(kind="bar", x="g"))
        found = rows.ask(f"{grouped_sql('row', groups, ALL_ROWS)} ORDER BY row", place_values(groups))
    assert [place for place, *_ in found] == [0, 1]


@pytest.mark.parametrize("most", [1, 20, 50, 51])
def test_few_rows_can_be_fetched_from_a_quick_copy(tmp_path, most: int) -> None:
    """DuckDB 2.0 breaks down over a smaller LIMIT with a condition on the row number."""
    path = tmp_path / "copy.duckdb"
    with duckdb.connect(path) as database:
        database.execute("CREATE TABLE rows AS SELECT range AS file_row_number, range AS x FROM range(50000)")
    with duckdb.connect() as database:
        database.execute(f"ATTACH '{path}' AS quick (READ_ONLY)")
        given = "(SELECT x, file_row_number + 1 AS row FROM quick.main.rows) WHERE hash(row) % 10 = 0"
        found = database.execute(samples.first_sql("row, x", given, most)).fetchall()[:most]
    assert len(found) == most
    assert all(row == x + 1 for row, x in found)


@pytest.mark.parametrize("period", [7, 24, 40, 64, 1000])
def test_samples_are_even_also_in_tables_that_repeat_themselves(period: int) -> None:
    step = 40
    sql = (
        f"SELECT row % {period} AS k, count(*) FROM (SELECT range + 1 AS row FROM range(2000000)) "
        f"WHERE {samples.sampled_sql(step)} GROUP BY k"
    )
    counts = np.array([n for _, n in duckdb.sql(sql).fetchall()])
    wanted = 2_000_000 / step / period
    assert len(counts) == period
    assert abs(counts - wanted).max() < 5 * np.sqrt(wanted)


def _rows(database: duckdb.DuckDBPyConnection, frame: pd.DataFrame, folder, chart: Chart) -> Rows:
    path = folder / "table.parquet"
    write(frame, path)
    return open_rows(database, path, profile_of(frame), chart, ())
