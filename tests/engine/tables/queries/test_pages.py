"""Pages and frames, compared with pandas on the same rows."""

import datetime
import random

import numpy as np
import pandas as pd
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.queries.conditions import OPERATORS, Filter, where
from beanft.engine.tables.queries.pages import Sort, frame, page
from beanft.engine.tables.read import ingest

HOSTILE = 'a"; drop table x--'


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A table of 4,000 rows, its path and profile, and the same rows in pandas."""
    folder = tmp_path_factory.mktemp("query")
    chance = random.Random(3)
    rows = pd.DataFrame(
        {
            "size": [chance.choice([1, 2, 3, 5, 8, 13, None]) for _ in range(4000)],
            "price": [round(chance.gauss(50, 20), 2) for _ in range(4000)],
            "colour": [
                chance.choice(["red", "Blue", "50%", "a_b", "'; drop table x--", None]) for _ in range(4000)
            ],
            "day": [f"2024-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}" for _ in range(4000)],
            "seen": [
                f"2024-03-{chance.randint(1, 28):02d} {chance.randint(0, 23):02d}:30:00" for _ in range(4000)
            ],
            "member": [chance.choice(["yes", "no", None]) for _ in range(4000)],
            HOSTILE: [chance.randint(0, 9) for _ in range(4000)],
        }
    )
    rows["size"] = rows["size"].astype("Int64")
    rows.loc[[50, 70], "price"] = [900, -400]  # outliers
    rows.to_csv(folder / "t.csv", index=False)
    result = ingest(source=str(folder / "t.csv"), target=str(folder / "t.parquet"), original_name="t.csv")
    return folder / "t.parquet", Profile.from_dict(result["profile"]), rows


def numbers(table, *filters, **options) -> list[int]:
    path, profile, _ = table
    return [number - 1 for number in page(path, profile, filters=filters, limit=1000, **options).row_numbers]


def test_a_page_holds_plain_values_and_row_numbers(table):
    path, profile, rows = table
    got = page(path, profile, offset=100, limit=3)
    assert got.columns == tuple(rows.columns)
    assert got.row_numbers == (101, 102, 103)
    assert (got.n_matching, got.n_rows) == (4000, 4000)
    for offset, row in enumerate(got.rows):
        size, price, colour, day, seen, member, hostile = rows.iloc[100 + offset]
        assert row[0] == (None if pd.isna(size) else size)
        assert row[1] == price
        assert row[2] == (None if pd.isna(colour) else colour)
        assert row[3] == datetime.date.fromisoformat(day)
        assert row[4] == datetime.datetime.fromisoformat(seen)
        assert row[5] == (None if pd.isna(member) else member == "yes")
        assert row[6] == hostile
        assert {type(value) for value in row} <= {
            int, float, str, bool, type(None), datetime.date, datetime.datetime,
        }  # fmt: skip


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("offset", [0, 3500])
@pytest.mark.parametrize("name", ["size", "price", "colour", "seen", HOSTILE])
def test_sorts_are_stable_with_missing_last(table, name, descending, offset):
    _, _, rows = table
    expected = rows.sort_values(name, ascending=not descending, kind="stable", na_position="last")
    assert (
        numbers(table, sorts=[Sort(name, descending)], offset=offset) == list(expected.index)[offset:][:1000]
    )


def test_two_sorts(table):
    _, _, rows = table
    expected = rows.sort_values(["colour", "price"], ascending=[True, False], kind="stable")
    sorts = [Sort("colour"), Sort("price", descending=True)]
    assert numbers(table, sorts=sorts) == list(expected.index)[:1000]


CASES = {
    ("size", "equals", "3"): lambda r: r["size"] == 3,
    ("size", "not-equals", 3): lambda r: ~(r["size"] == 3).fillna(False),
    ("size", "at-least", "5"): lambda r: r["size"] >= 5,
    ("size", "less-than", "2.5"): lambda r: r["size"] < 2.5,
    ("size", "is-missing", None): lambda r: r["size"].isna(),
    ("size", "is-not-missing", ""): lambda r: r["size"].notna(),
    ("price", "more-than", "90"): lambda r: r["price"] > 90,
    ("price", "at-most", "1e1"): lambda r: r["price"] <= 10,
    ("colour", "equals", "red"): lambda r: r["colour"] == "red",
    ("colour", "not-equals", "red"): lambda r: r["colour"] != "red",
    ("colour", "contains", "BLU"): lambda r: r["colour"] == "Blue",
    ("colour", "contains", "%"): lambda r: r["colour"] == "50%",
    ("colour", "contains", "_"): lambda r: r["colour"] == "a_b",
    ("colour", "contains", "\\"): lambda r: r["colour"] == "\\",
    ("colour", "starts-with", "'; drop"): lambda r: r["colour"] == "'; drop table x--",
    ("colour", "equals", "'; drop table x--"): lambda r: r["colour"] == "'; drop table x--",
    ("day", "equals", "2024-05-05"): lambda r: r["day"] == "2024-05-05",
    ("day", "not-equals", "2024-05-05"): lambda r: r["day"] != "2024-05-05",
    ("day", "at-least", "2024-11-02"): lambda r: r["day"] >= "2024-11-02",
    ("seen", "equals", "2024-03-07"): lambda r: r["seen"].str.startswith("2024-03-07"),
    ("seen", "at-most", "2024-03-07"): lambda r: r["seen"] < "2024-03-08",
    ("seen", "at-least", "2024-03-07T12:30"): lambda r: r["seen"] >= "2024-03-07 12:30:00",
    ("member", "equals", "true"): lambda r: r["member"] == "yes",
    ("member", "not-equals", "true"): lambda r: r["member"] != "yes",
    (HOSTILE, "equals", "4"): lambda r: r[HOSTILE] == 4,
}


@pytest.mark.parametrize("case", CASES)
def test_filters_find_the_rows_that_pandas_finds(table, case):
    path, profile, rows = table
    mask = CASES[case](rows).fillna(False).astype(bool)
    expected = list(rows.index[mask])
    got = page(path, profile, filters=[Filter(*case)], limit=1000)
    assert got.n_matching == len(expected)
    assert [number - 1 for number in got.row_numbers] == expected[:1000]


def test_filters_and_sort_together(table):
    _, _, rows = table
    kept = rows[(rows["price"] >= 40) & (rows["colour"] == "red")].sort_values("price", kind="stable")
    filters = [Filter("price", "at-least", 40), Filter("colour", "equals", "red")]
    assert numbers(table, *filters, sorts=[Sort("price")]) == list(kept.index)[:1000]


def test_a_page_past_the_end_is_empty_and_limits_are_capped(table):
    path, profile, _ = table
    assert page(path, profile, offset=10_000).rows == ()
    assert page(path, profile, sorts=[Sort("price")], offset=10_000).rows == ()
    assert len(page(path, profile, limit=99_999).rows) == 1000
    assert page(path, profile, limit=-1, offset=-5).rows == ()


def test_chosen_columns_come_in_the_order_asked(table):
    path, profile, rows = table
    got = page(path, profile, columns=[HOSTILE, "price"], limit=1)
    assert got.columns == (HOSTILE, "price")
    assert got.rows == ((rows[HOSTILE][0], rows["price"][0]),)


@pytest.mark.parametrize(
    ("one", "sentence"),
    [
        (
            Filter("price", "at-least", "abc"),
            "“abc” is not a number, so “price at least abc” cannot be answered.",
        ),
        (Filter("price", "at-least", "nan"), "“nan” is not a number"),
        (Filter("size", "equals", ""), "“” is not a number"),
        (Filter("day", "at-least", "31.12."), "“31.12.” is not a date such as 2024-12-31"),
        (Filter("member", "equals", "perhaps"), "“perhaps” is not “yes” or “no”"),
        (Filter("nothing", "equals", "1"), "The table has no column “nothing”. Its columns are size, price"),
        (Filter("price", "= 1 OR 1 =", "1"), "“= 1 OR 1 =” is no question for “price”"),
        (Filter("price", "contains", "1"), "“contains” is no question for “price”, which is a number column"),
    ],
)
def test_what_cannot_be_asked_is_said(table, one, sentence):
    path, profile, _ = table
    with pytest.raises(EngineError) as refused:
        page(path, profile, filters=[one])
    assert sentence in str(refused.value)


def test_unknown_columns_of_sorts_and_pages_are_named(table):
    path, profile, _ = table
    with pytest.raises(EngineError, match=r"no column “owner\.password”"):
        page(path, profile, sorts=[Sort("owner.password")])
    with pytest.raises(EngineError, match="no column “x”"):
        page(path, profile, columns=["x"])


def test_values_are_always_parameters(table):
    _, profile, _ = table
    condition, values = where(
        profile, [Filter("colour", "contains", "'; drop table x--"), Filter("size", "equals", "3")]
    )
    assert "drop" not in condition
    assert values == ["%'; drop table x--%", 3]
    assert where(profile, []) == ("true", [])


def outliers(values: pd.Series) -> pd.Series:
    low, high = values.quantile(0.25), values.quantile(0.75)
    return (values < low - 3 * (high - low)) | (values > high + 3 * (high - low))


NUMBERS = {
    ("equals", "3"): lambda v: v == 3,
    ("not-equals", "3"): lambda v: ~(v == 3).fillna(False),
    ("at-least", "3"): lambda v: v >= 3,
    ("at-most", "3"): lambda v: v <= 3,
    ("more-than", "3"): lambda v: v > 3,
    ("less-than", "3"): lambda v: v < 3,
    ("between", "1..3"): lambda v: v.between(1, 3),
    ("one-of", "3; 50"): lambda v: v.isin([3, 50]),
    ("is-outlier", ""): outliers,
    ("is-infinite", ""): lambda v: v != v,
}
TEXTS = {
    ("equals", "red"): lambda v: v == "red",
    ("not-equals", "red"): lambda v: v != "red",
    ("contains", "E"): lambda v: v.str.contains("e", case=False),
    ("not-contains", "E"): lambda v: ~v.str.contains("e", case=False).fillna(False).astype(bool),
    ("starts-with", "b"): lambda v: v.str.lower().str.startswith("b"),
    ("ends-with", "D"): lambda v: v.str.lower().str.endswith("d"),
    ("one-of", "red; Blue"): lambda v: v.isin(["red", "Blue"]),
    ("none-of", "red; Blue"): lambda v: ~v.isin(["red", "Blue"]),
    ("longer-than", "3"): lambda v: v.str.len() > 3,
    ("is-no-number", ""): lambda v: v.notna(),
    ("is-no-date", ""): lambda v: v.notna(),
}
DATES = {
    ("equals", "2024-03-05"): lambda v: v.dt.date == datetime.date(2024, 3, 5),
    ("not-equals", "2024-03-05"): lambda v: v.dt.date != datetime.date(2024, 3, 5),
    ("at-least", "2024-03-05"): lambda v: v >= "2024-03-05",
    ("at-most", "2024-03-05"): lambda v: v < "2024-03-06",
    ("between", "2024-03-05..2024-03-20"): lambda v: (v >= "2024-03-05") & (v < "2024-03-21"),
    ("in-year", "2024"): lambda v: v.dt.year == 2024,
    ("in-month", "3"): lambda v: v.dt.month == 3,
    ("on-weekday", "Monday"): lambda v: v.dt.day_of_week == 0,
}
TRUTHS = {("equals", "true"): lambda v: v == "yes", ("not-equals", "true"): lambda v: v != "yes"}
ANY = {("is-missing", ""): lambda v: v.isna(), ("is-not-missing", ""): lambda v: v.notna()}
QUESTIONS = {"number": NUMBERS, "category": TEXTS, "date": DATES, "boolean": TRUTHS}


@pytest.mark.parametrize("name", ["size", "price", "colour", "day", "seen", "member", HOSTILE])
def test_every_operator_of_every_kind_counts_as_pandas_does(table, name):
    path, profile, rows = table
    kind = profile.column(name).kind
    asked = QUESTIONS[kind] | ANY
    assert [operator for operator, _ in asked] == list(OPERATORS[kind])
    values = pd.to_datetime(rows[name]) if kind == "date" else rows[name]
    for (operator, value), question in asked.items():
        got = page(path, profile, filters=[Filter(name, operator, value)])
        assert got.n_matching == question(values).fillna(False).astype(bool).sum(), (operator, value)


def test_a_frame_has_types_that_learning_wants(table):
    path, profile, rows = table
    got = frame(path, profile, columns=list(rows.columns))
    assert {name: str(dtype).split("[")[0] for name, dtype in got.dtypes.items()} == {
        "size": "float64", "price": "float64", "colour": "object", "day": "datetime64",
        "seen": "datetime64", "member": "object", HOSTILE: "int64",
    }  # fmt: skip
    assert list(got.index) == list(range(4000))
    assert got["price"].tolist() == rows["price"].tolist()
    assert got["size"].isna().tolist() == rows["size"].isna().tolist()
    assert got["colour"].tolist() == [None if pd.isna(v) else v for v in rows["colour"]]
    assert got["member"].tolist() == [{"yes": "true", "no": "false"}.get(v) for v in rows["member"]]
    assert got["day"].tolist() == pd.to_datetime(rows["day"]).tolist()


def test_a_frame_of_some_rows_is_the_same_each_time_and_in_order(table):
    path, profile, rows = table
    first, again = (frame(path, profile, columns=["price"], limit=500, seed=4) for _ in range(2))
    other = frame(path, profile, columns=["price"], limit=500, seed=5)
    assert len(first) == 500
    assert first.equals(again)
    assert not first.index.equals(other.index)
    assert np.all(np.diff(first.index) > 0)
    assert first["price"].tolist() == rows["price"][first.index].tolist()
    assert len(frame(path, profile, columns=["price"], limit=9999)) == 4000


def test_a_number_seen_as_category_is_text_in_a_frame(tmp_path):
    (tmp_path / "t.csv").write_text("code,v\n3,1\n5,2\n,4\n3,7\n")
    result = ingest(
        source=str(tmp_path / "t.csv"),
        target=str(tmp_path / "t.parquet"),
        original_name="t",
        wishes={"columns": {"code": {"kind": "category"}}},
    )
    profile = Profile.from_dict(result["profile"])
    assert profile.column("code").stored == "BIGINT"
    assert profile.column("code").top == (("3", 2), ("5", 1))
    assert frame(tmp_path / "t.parquet", profile, columns=["code"])["code"].tolist() == ["3", "5", None, "3"]
    assert page(tmp_path / "t.parquet", profile, filters=[Filter("code", "equals", "3")]).row_numbers == (
        1,
        4,
    )
