"""What the profile knows already is not asked again, and changes no number."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from beanft.engine.charts import groups
from beanft.engine.charts.chart import Chart
from beanft.engine.charts.draw import draw
from beanft.engine.charts.rows import Rows
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.profiling import top
from beanft.engine.tables.queries.conditions import Filter
from beanft.engine.tables.read import ingest

N_ROWS = 3000


def frame() -> pd.DataFrame:
    """Categories few and many, ties among them, moments and days on both sides of 1970, and gaps."""
    random = np.random.default_rng(17)
    days = pd.Timestamp("1964-11-20") + pd.to_timedelta(random.integers(0, 4000, N_ROWS), unit="D")
    return pd.DataFrame(
        {
            "segment": random.choice(["online", "retail", "a'; DROP", "é"], N_ROWS),
            "tied": [f"t{place % 30}" for place in range(N_ROWS)],
            "city": random.choice([f"city {place}" for place in range(700)], N_ROWS),
            "gaps": random.choice(["u", "v", None], N_ROWS),
            "price": random.lognormal(3, 1, N_ROWS).round(2),
            "score": np.where(random.random(N_ROWS) < 0.1, np.nan, random.normal(0, 9, N_ROWS).round(3)),
            "rating": random.integers(1, 6, N_ROWS),
            "happy": random.choice(["yes", "no"], N_ROWS),
            "happier": random.uniform(-80, 80, N_ROWS).round(2),
            "moment": days + pd.to_timedelta(random.integers(0, 86_400, N_ROWS), unit="s"),
            "day": days.date,
        }
    )


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("known") / "table.parquet"


@pytest.fixture(scope="module")
def profile(path: Path) -> Profile:
    source = path.with_name("known.csv")
    frame().to_csv(source, index=False)
    result = ingest(source=str(source), target=str(path), original_name="known.csv")
    return Profile.from_dict(result["profile"])


def without_knowledge(profile: Profile) -> Profile:
    """The same profile without most frequent values, smallest and largest ones."""
    columns = (replace(one, top=(), minimum=None, maximum=None) for one in profile.columns)
    return replace(profile, columns=tuple(columns))


CHARTS: list[dict[str, Any]] = [
    {"kind": "histogram", "x": "price", "colour": "segment"},
    {"kind": "bar", "x": "tied", "top": 7},
    {"kind": "bar", "x": "city", "y": "price", "aggregation": "median", "colour": "segment"},
    {"kind": "line", "x": "moment", "y": "price", "aggregation": "mean"},
    {"kind": "line", "x": "moment", "y": "price", "aggregation": "sd", "colour": "segment", "bucket": "year"},
    {"kind": "line", "x": "day", "y": "score", "aggregation": "max", "colour": "tied", "bucket": "month"},
    {"kind": "line", "x": "day", "bucket": "week", "colour": "segment"},
    {"kind": "line", "x": "price", "y": "score", "aggregation": "sum", "colour": "segment"},
    {"kind": "area", "x": "moment", "colour": "segment", "bucket": "month"},
    {"kind": "area", "x": "moment", "colour": "happy", "bucket": "quarter"},
    {"kind": "area", "x": "day", "colour": "city", "facet": "segment", "bucket": "year"},
    {"kind": "box", "x": "segment", "y": "price"},
    {"kind": "box", "x": "tied", "y": "price", "colour": "segment", "order": "-value", "top": 5},
    {"kind": "violin", "x": "segment", "y": "price"},
    {"kind": "heatmap", "x": "tied", "y": "segment", "z": "price", "aggregation": "mean"},
    {"kind": "heatmap", "x": "city", "y": "tied", "z": "score", "aggregation": "mean"},
    {"kind": "heatmap", "x": "moment", "y": "price"},
    {"kind": "heatmap", "x": "moment", "y": "segment", "bucket": "quarter"},
    {"kind": "heatmap", "x": "day", "y": "rating", "bucket": "week"},
    {"kind": "heatmap", "x": "day", "y": "moment", "bucket": "year"},
    {"kind": "heatmap", "x": "gaps", "y": "happy"},
    {"kind": "map", "x": "rating", "y": "score"},
    {"kind": "map", "x": "price", "y": "score", "shape": "density"},
    {"kind": "missing"},
    {"kind": "pairs", "columns": ("price", "score", "rating")},
]


@pytest.mark.parametrize("filters", [(), (Filter("rating", "at-least", "2"),)], ids=["whole", "filtered"])
@pytest.mark.parametrize("chart", CHARTS, ids=lambda one: "-".join(map(str, one.values())))
def test_what_the_profile_knows_changes_no_number(
    path: Path, profile: Profile, chart: dict[str, Any], filters: tuple[Filter, ...]
) -> None:
    known = draw(path, profile, Chart(**chart), filters=filters)
    asked = draw(path, without_knowledge(profile), Chart(**chart), filters=filters)
    assert known.rows
    assert asdict(known) == Near(asdict(asked))


class Near:
    """Equal, but for the last digits of numbers: days may be summed up in another order."""

    def __init__(self, wanted: Any) -> None:
        self.wanted = wanted

    def __eq__(self, found: object) -> bool:
        wanted = self.wanted
        if isinstance(found, dict):
            return found.keys() == wanted.keys() and all(Near(wanted[key]) == found[key] for key in found)
        if isinstance(found, tuple | list):
            return len(found) == len(wanted) and all(map(Near.__eq__, map(Near, wanted), found))
        if isinstance(found, float) and isinstance(wanted, float):
            return found == pytest.approx(wanted, rel=1e-12, nan_ok=True)
        return bool(found == wanted)

    __hash__ = None  # type: ignore[assignment]


def asked_by(monkeypatch: pytest.MonkeyPatch, path: Path, profile: Profile, **chart: Any) -> list[str]:
    """The statements that a chart asks."""
    said: list[str] = []
    ask = Rows.ask

    def listen(self: Rows, select: str, *rest: Any) -> list[tuple[Any, ...]]:
        said.append(select)
        return ask(self, select, *rest)

    monkeypatch.setattr(Rows, "ask", listen)
    draw(path, profile, Chart(**chart))
    return [select for select in said if "used" in select or "all_days" in select]


@pytest.mark.parametrize(
    "chart",
    [
        {"kind": "line", "x": "moment", "y": "price", "aggregation": "mean"},
        {"kind": "area", "x": "moment", "colour": "segment", "bucket": "month"},
        {"kind": "heatmap", "x": "tied", "y": "segment", "z": "price", "aggregation": "mean"},
        {"kind": "heatmap", "x": "moment", "y": "segment"},
        {"kind": "map", "x": "rating", "y": "happier", "shape": "density"},
    ],
    ids=lambda one: f"{one['kind']}-{one['x']}",
)
def test_all_rows_are_looked_through_once(
    monkeypatch: pytest.MonkeyPatch, path: Path, profile: Profile, chart: dict[str, Any]
) -> None:
    assert len(asked_by(monkeypatch, path, profile, **chart)) == 1
    assert len(asked_by(monkeypatch, path, without_knowledge(profile), **chart)) > 1


def test_values_that_the_profile_cut_off_are_asked_for(path: Path, profile: Profile) -> None:
    long = tuple((f"{value}{'x' * 200}"[:200], n) for value, n in profile.column("segment").top)
    column = replace(profile.column("segment"), top=long)
    chart = Chart(kind="bar", x="segment")
    cut = replace(profile, columns=(column, *profile.columns[1:]))
    assert draw(path, cut, chart).places == draw(path, profile, chart).places


def test_frequent_values_that_come_from_a_sample_are_asked_for(profile: Profile) -> None:
    assert groups._KNOWN_VALUES == top._GROUP_VALUES
    assert groups._KNOWN_CHARACTERS == top._TOP_CHARACTERS

    def known(n_distinct: int) -> bool:
        column = replace(profile.column("city"), n_distinct=n_distinct)
        rows = Rows(None, Chart(kind="bar"), profile, "", (), N_ROWS, N_ROWS, ())  # type: ignore[arg-type]
        return groups.known_largest(rows, column, 10) is not None

    assert [known(n) for n in (200_000, 200_001)] == [True, False]


def test_moments_beyond_the_calendar_of_python_are_asked_for(profile: Profile) -> None:
    def known(column: Column) -> tuple[int, int] | None:
        table = replace(profile, columns=(column,))
        chart = Chart(kind="line", x=column.name)
        return Rows(None, chart, table, "", (), N_ROWS, N_ROWS, ()).known_moments("x")  # type: ignore[arg-type]

    column = profile.column("day")
    assert known(replace(column, minimum="1969-12-31", maximum="1970-01-01T00:00:00.5")) == (
        -86_400_000_000,
        500_000,
    )
    for odd in ("infinity", "0044-03-15 (BC)", "12024-01-01", None):
        assert known(replace(column, maximum=odd)) is None


@pytest.mark.parametrize(
    "choices",
    [
        {"kind": "line", "y": "y", "aggregation": "mean"},
        {"kind": "line", "bucket": "month", "colour": "c"},
        {"kind": "area", "colour": "c"},
        {"kind": "heatmap", "y": "c"},
    ],
    ids=lambda one: "-".join(one.values()),
)
@pytest.mark.parametrize(
    ("x", "end"), [("m", "infinity"), ("m", "-infinity"), ("d", "infinity"), ("few", "-infinity")]
)
def test_moments_without_end_are_left_out_and_counted(
    tmp_path: Path, x: str, end: str, choices: dict[str, str]
) -> None:
    """Python has no such moments, so that the profile holds the last day of its calendar instead."""
    drawings = []
    for name, odd in (("endless", f"'{end}'"), ("missing", "NULL")):
        source, stored = tmp_path / f"{name}.parquet", tmp_path / f"{name}-stored.parquet"
        few = f"CASE WHEN i % 500 = 0 THEN {odd}::DATE ELSE DATE '2020-01-01' + i % 9 END"
        when = f"CASE WHEN i % 500 = 0 THEN {odd}::TIMESTAMP ELSE TIMESTAMP '2020-01-01' + to_hours(i) END"
        cells = f"m, m::DATE AS d, {few} AS few, i % 7 AS y, 'c' || i % 3 AS c"
        sql = f"SELECT {cells} FROM (SELECT {when} AS m, i FROM t)"
        with duckdb.connect() as database:
            database.execute("CREATE TABLE t AS SELECT i::INTEGER AS i FROM range(3000) rows(i)")
            database.execute(f"COPY ({sql}) TO '{source}'")
        found = ingest(source=str(source), target=str(stored), original_name=source.name)
        drawings.append(draw(stored, Profile.from_dict(found["profile"]), Chart(x=x, **choices)))
    endless, missing = drawings
    assert f"6 rows left out: 6 with an infinite “{x}”." in endless.notes
    assert (endless.rows, endless.n_missing) == (missing.rows, 6)
    assert [one.values for one in endless.series] == [one.values for one in missing.series]


def test_the_last_day_of_the_calendar_is_a_day_like_others(tmp_path: Path) -> None:
    source, stored = tmp_path / "days.csv", tmp_path / "days.parquet"
    days = ["2020-02-03", "9999-12-31"] * 300
    pd.DataFrame({"day": days, "c": ["a", "b", "b"] * 200}).to_csv(source, index=False)
    found = ingest(source=str(source), target=str(stored), original_name=source.name)
    drawing = draw(stored, Profile.from_dict(found["profile"]), Chart(kind="heatmap", x="day", y="c"))
    assert (sum(row[-2] for row in drawing.rows), drawing.n_missing) == (600, 0)


def test_groups_are_told_apart_by_one_byte_where_they_are_few() -> None:
    few, many = (tuple(map(str, range(n))) for n in (255, 256))
    assert groups.key_sql("x", groups.Groups(few, few, 3)).endswith("::UTINYINT")
    assert groups.key_sql("x", groups.Groups(many, many, 0)).endswith("::INTEGER")
