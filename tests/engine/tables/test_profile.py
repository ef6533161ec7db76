"""Figures of columns, by hand."""

import math
from dataclasses import replace

import pandas as pd
import pytest

from beanft.engine.tables import sampling
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.connection import connect
from beanft.engine.tables.profiling import figures, top
from beanft.engine.tables.profiling.drawing import draw, nice_edges
from beanft.engine.tables.read import ingest


def profile_of(folder, text: str, **options) -> Profile:
    (folder / "t.csv").write_text(text)
    result = ingest(
        source=str(folder / "t.csv"), target=str(folder / "t.parquet"), original_name="t", **options
    )
    return Profile.from_dict(result["profile"])


def test_figures_of_numbers(tmp_path):
    column = profile_of(tmp_path, "v,w\n" + "".join(f"{v},x\n" for v in (4, 8, "", 6, 5, 3, 7))).column("v")
    assert (column.n_missing, column.n_distinct, column.minimum, column.maximum) == (1, 6, 3, 8)
    assert column.mean == 5.5
    assert column.sd == pytest.approx(math.sqrt(3.5))
    assert column.quantiles == pytest.approx((3.25, 4.25, 5.5, 6.75, 7.75))
    assert column.edges == (3, 4, 5, 6, 7, 8, 9)
    assert column.counts == (1, 1, 1, 1, 1, 1)
    assert column.top == tuple((str(v), 1) for v in range(3, 9))


def test_the_last_edge_belongs_to_the_last_bin(tmp_path):
    column = profile_of(tmp_path, "v,w\n" + "".join(f"{v},x\n" for v in (0, 0.25, 9.75, 10, 10))).column("v")
    assert (column.edges[0], column.edges[-1]) == (0, 10)
    assert (column.counts[0], column.counts[-1], sum(column.counts)) == (2, 3, 5)


def test_infinite_and_nan_values(tmp_path):
    column = profile_of(tmp_path, "v,w\n1.5,x\ninf,y\n-inf,x\nNaN,y\n2.5,x\n").column("v")
    assert (column.kind, column.n_missing, column.n_distinct) == ("number", 1, 4)
    assert (column.minimum, column.maximum, column.mean) == (1.5, 2.5, 2.0)
    assert sum(column.counts) == 2
    assert all(math.isfinite(edge) for edge in column.edges)


def test_numbers_too_wide_for_arithmetic_have_no_spread(tmp_path):
    column = profile_of(tmp_path, "v,w\n1.5e308,x\n-1.5e308,y\n1,x\n").column("v")
    assert (column.kind, column.sd, column.edges) == ("number", None, ())


def test_figures_of_dates(tmp_path):
    text = "v,w\n" + "".join(f"2024-01-{day:02d},x\n" for day in (1, 1, 2, 10))
    column = profile_of(tmp_path, text).column("v")
    assert (column.minimum, column.maximum) == ("2024-01-01", "2024-01-10")
    assert column.edges[0] == 1_704_067_200  # 2024-01-01 UTC
    assert column.edges[-1] == 1_704_067_200 + 10 * 86_400  # the end of the last day
    assert column.counts == (2, 1, 0, 0, 0, 0, 0, 0, 0, 1)
    assert column.top == ()


def test_dates_are_counted_by_the_month(tmp_path):
    days = pd.date_range("2023-05-17", "2025-02-01").strftime("%Y-%m-%d")
    column = profile_of(tmp_path, "v,w\n" + "".join(f"{day},x\n" for day in days)).column("v")
    edges = pd.to_datetime(column.edges, unit="s")
    assert (str(edges[0])[:10], str(edges[-1])[:10]) == ("2023-05-17", "2025-02-02")
    assert set(edges[1:-1].day) == {1}
    assert column.counts == tuple(pd.Series(1, index=pd.to_datetime(days)).resample("MS").sum())


def test_moments_are_counted_by_the_hour(tmp_path):
    text = "v,w\n" + "".join(
        f"2024-03-01 {at},x\n" for at in ("08:30:00", "08:59:59", "10:00:00", "12:00:00")
    )
    column = profile_of(tmp_path, text).column("v")
    hours = [(edge - 1_709_251_200) / 3600 for edge in column.edges]
    assert (hours[0], hours[-1]) == (8.5, 12.25)
    assert sum(column.counts) == 4
    assert column.counts[hours.index(10.0)] == column.counts[-1] == 1


def test_infinite_dates_are_in_no_bin(tmp_path):
    sql = "SELECT unnest(['2024-01-01', '2024-06-01', 'infinity', '-infinity', NULL])::TIMESTAMP AS v"
    assert sum(described(tmp_path, sql, v="date")["v"].counts) == 2


def test_top_values_are_the_most_frequent_as_text(tmp_path):
    profile = profile_of(tmp_path, "v,b\n" + "red,yes\n" * 3 + "blue,no\n" * 2 + ",yes\n")
    assert profile.column("v").top == (("red", 3), ("blue", 2))
    assert profile.column("b").top == (("true", 4), ("false", 2))


def test_a_profile_survives_json(tmp_path):
    profile = profile_of(tmp_path, "v,w\n1,x\n2,y\n")
    assert Profile.from_dict(profile.to_dict()) == profile


def test_a_wide_table_is_described_whole(tmp_path):
    n = 300
    lines = [",".join(f"{row * column}.5" for column in range(n)) for row in range(5)]
    profile = profile_of(tmp_path, ",".join(f"c{k}" for k in range(n)) + "\n" + "\n".join(lines))
    assert len(profile.columns) == n
    assert profile.columns[299].maximum == 4 * 299 + 0.5
    assert all(isinstance(column, Column) and sum(column.counts) in (0, 5) for column in profile.columns)


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (-3.7, 1e6), (1e-9, 2e-9), (5, 5), (-1e300, 1e300), (0.1, 0.3)]
)
def test_edges_cover_the_range_with_at_most_twenty_bins(low, high):
    edges = nice_edges(low, high)
    assert edges[0] <= low
    assert edges[-1] >= high
    assert 2 <= len(edges) <= 21
    assert list(edges) == sorted(set(edges))


def described(folder, sql: str, **kinds: str) -> dict[str, Column]:
    """Columns of the table that a query gives, by name, described and drawn."""
    path = folder / "d.parquet"
    with connect(folders=[folder]) as database:
        database.execute(f"COPY ({sql}) TO '{path}' (FORMAT parquet)")
        found = database.execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall()
        n_rows = database.execute(f"SELECT count(*) FROM '{path}'").fetchall()[0][0]
        columns = [
            Column(name=name, kind="text", stored=stored, n_missing=0, n_distinct=0)
            for name, stored, *_ in found
        ]
        filled = [column for column, _ in figures.describe(database, path, columns, n_rows=n_rows)]
        settled = [replace(column, kind=kinds[column.name]) for column in filled]
        return {column.name: column for column in draw(database, path, settled, n_rows=n_rows)}


def test_skewness_fences_and_outliers(tmp_path):
    v = described(tmp_path, "SELECT unnest([1, 2, 3, 4, 5, 6, 7, 8, 100, NULL])::BIGINT AS v", v="number")[
        "v"
    ]
    values = [1, 2, 3, 4, 5, 6, 7, 8, 100]
    mean = sum(values) / 9
    m2, m3 = (sum((x - mean) ** power for x in values) / 9 for power in (2, 3))
    assert v.skewness == pytest.approx(m3 / m2**1.5)
    assert v.fences == pytest.approx((3 - 3 * 4, 7 + 3 * 4))  # quartiles 3 and 7
    assert v.n_outliers == 1
    assert sum(v.counts) == 9


def test_numbers_of_which_half_are_equal_have_no_fences(tmp_path):
    sql = "SELECT CASE WHEN i < 80 THEN 0 ELSE i END AS v FROM range(100) t(i)"
    v = described(tmp_path, sql, v="number")["v"]
    assert (v.fences, v.n_outliers) == ((), 0)


def test_infinite_numbers_are_counted_apart(tmp_path):
    sql = "SELECT unnest(['inf', '-inf', 'nan', '1', '2'])::DOUBLE AS v"
    v = described(tmp_path, sql, v="number")["v"]
    assert (v.n_infinite, v.n_missing, v.mean) == (2, 1, 1.5)


def test_lengths_of_texts(tmp_path):
    t = described(tmp_path, "SELECT unnest(['a', 'bcd', NULL, 'ee']) AS t", t="category")["t"]
    assert t.lengths == (1.0, 2.0, 3.0)


def test_large_tables_are_estimated_where_that_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(figures, "_EXACT_ROWS", 1000)
    monkeypatch.setattr(figures, "_EXACT_VALUES", 2000)
    monkeypatch.setattr(sampling, "SAMPLE_ROWS", 5000)
    n = 40_000
    found = described(
        tmp_path,
        f"SELECT i AS nr, 'k' || i AS ref, i % 9000 AS many, ['a', 'b', NULL][1 + i % 3] AS few, "
        f"sqrt(i) AS x FROM range({n}) t(i)",
        **{"nr": "identifier", "ref": "identifier", "many": "number", "few": "category", "x": "number"},
    )
    assert [(found[name].n_distinct, found[name].distinct_is_exact) for name in ("nr", "ref", "few")] == [
        (n, True),
        (n, True),
        (2, True),
    ]
    assert not found["many"].distinct_is_exact
    assert found["many"].n_distinct == pytest.approx(9000, rel=0.15)
    assert found["few"].top == (("a", 13_334), ("b", 13_333))
    assert 4500 < found["x"].n_sampled < 5500
    assert found["x"].quantiles[2] == pytest.approx(math.sqrt(n / 2), rel=0.03)
    assert found["x"].maximum == pytest.approx(math.sqrt(n - 1))
    assert sum(found["x"].counts) == n


def test_frequent_values_of_very_many_come_from_a_sample_and_are_counted_exactly(tmp_path, monkeypatch):
    monkeypatch.setattr(top, "_GROUP_VALUES", 500)
    monkeypatch.setattr(sampling, "SAMPLE_ROWS", 4000)
    sql = (
        "SELECT CASE WHEN i % 4 = 0 THEN 'often' ELSE 'w' || i END AS t, 'u' || i AS u FROM range(20000) t(i)"
    )
    found = described(tmp_path, sql, t="text", u="text")
    assert found["t"].top[0] == ("often", 5000)
    assert found["u"].top == ()


def test_booleans_and_number_categories_have_top_values(tmp_path):
    sql = "SELECT i % 3 = 0 AS b, i % 11 AS c FROM range(110) t(i)"
    found = described(tmp_path, sql, b="boolean", c="category")
    assert found["b"].top == (("false", 73), ("true", 37))
    assert found["c"].top == tuple((str(k), 10) for k in range(11))
