"""Figures of columns, by hand."""

import math

import pytest

from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.profile import nice_edges
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
    assert sum(column.counts) == 4
    assert column.counts[0] == 2
    assert column.top == ()


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
