"""Raw rows as arrays: nothing is lost, nothing unknown is guessed, each row for itself."""

import pickle

import numpy as np
import pandas as pd
import pytest

from beanft.engine.learning.prepare import Feature, Plan
from beanft.engine.learning.search.coding import Coder


def coder(X, **roles):
    features = tuple(
        Feature(
            name=name,
            role=role.rstrip("~"),
            n_parts=1,
            n_shown=1,
            cyclic=role.endswith("~"),
            carried=role.endswith("~"),
        )
        for name, role in roles.items()
    )
    return Coder(Plan(features=features, notes=())).fit(X)


def test_numbers_are_centred_so_that_32_bits_keep_their_differences():
    X = pd.DataFrame({"a": [1e9 + 1, 1e9 + 2, 1e9 + 3, np.nan, np.inf, -np.inf]})
    found = coder(X, a="number").transform(X).numbers[:, 0]
    assert found[:3].tolist() == [-1, 0, 1]
    assert np.isnan(found[3:]).all()


def test_levels_are_named_commonest_first_and_new_ones_are_unknown():
    made = coder(pd.DataFrame({"a": ["x", "y", "y", None, "z", "z"]}), a="levels")
    other = pd.DataFrame({"a": ["y", "z", "x", None, "new"]})
    assert made.transform(other).codes[:, 0].tolist() == [0, 1, 2, -1, -1]


def test_a_code_is_a_number_and_a_name():
    X = pd.DataFrame({"a": [10, 20, 20, 30]})
    found = coder(X, a="code").transform(X)
    assert found.numbers[:, 0].tolist() == [-10, 0, 0, 10]
    assert found.codes[:, 0].tolist() == [1, 0, 0, 2]


@pytest.mark.parametrize(("role", "n_parts"), [("date", 5), ("date~", 3)])
def test_dates_have_parts_and_fewer_where_rows_are_cut_by_time(role, n_parts):
    X = pd.DataFrame({"a": pd.to_datetime(["2024-03-01", "1969-12-31", None])})
    found = coder(X, a=role).transform(X).numbers
    assert found.shape == (3, n_parts)
    assert found[:, 0].tolist()[:2] == [3, 12]
    assert np.isnan(found[2]).all()


def test_hours_count_when_there_are_some():
    X = pd.DataFrame({"a": pd.to_datetime(["2024-03-01 06:30", "2024-03-02 00:00"])})
    made = coder(X, a="date")
    assert made.transform(X).numbers[0, -1] == 6.5
    assert made.number_names_ == ["a"] * 6


def test_texts_become_counts_of_words_and_a_length():
    X = pd.DataFrame({"a": ["red fox", "red hen", None, "fox fox"]})
    made = coder(X, a="text")
    found = made.transform(pd.DataFrame({"a": ["fox fox red", "unknown", None]}))
    assert found.numbers[:, 0].tolist() == [11, 7, 0]
    assert sorted(found.words[0].toarray()[0].tolist()) == [1, 2]
    assert found.words[0].toarray()[1:].sum() == 0


def test_texts_without_a_common_word_leave_their_length():
    X = pd.DataFrame({"a": ["one", "two"]})
    assert coder(X, a="text").transform(X).words[0].shape == (2, 0)


def test_a_row_does_not_depend_on_the_rows_around_it():
    X = pd.DataFrame({"a": [1.5, np.nan, 3.0], "b": ["x", None, "y"], "c": ["a b", "b c", None]})
    made = coder(X, a="number", b="levels", c="text")
    whole = made.transform(X)
    for i in range(3):
        alone = made.transform(X.iloc[[i]])
        assert np.array_equal(alone.numbers[0], whole.numbers[i], equal_nan=True)
        assert alone.codes[0].tolist() == whole.codes[i].tolist()


def test_arrays_of_cells_give_what_a_data_frame_gives():
    X = pd.DataFrame(
        {
            "a": [1.5, np.nan, np.inf, -7.25],
            "b": ["x", None, "y", "x"],
            "c": ["a b", "b c", None, "b"],
            "d": pd.to_datetime(["2024-02-29 06:31", None, "1959-12-31 23:59", "2000-01-01 00:00"]),
            "e": [4.0, 4.0, np.nan, 5.0],
        }
    )
    made = coder(X, a="number", b="levels", c="text", d="date", e="code")
    cells = {name: X[name].to_numpy() for name in "ade"}
    cells |= {name: X[name].astype(object).where(X[name].notna(), None).to_numpy(object) for name in "bc"}
    found, framed = made.transform(cells), made.transform(X)
    assert found.numbers.tobytes() == framed.numbers.tobytes()
    assert found.codes.tolist() == framed.codes.tolist()
    assert found.words[0].toarray().tolist() == framed.words[0].toarray().tolist()


def test_parts_of_dates_are_those_of_the_calendar_before_1970_too():
    days = pd.Series(pd.date_range("1899-12-25 05:17", "2101-03-02", freq="97h"))
    made = coder(pd.DataFrame({"a": days}), a="date").transform(pd.DataFrame({"a": days})).numbers
    parts = [days.dt.month, days.dt.day_of_week, days.dt.day_of_year]
    parts += [(days.dt.normalize() - pd.Timestamp(2000, 1, 1)).dt.days, days.dt.year]
    parts.append(days.dt.hour + days.dt.minute / 60)
    assert np.array_equal(made, np.column_stack(parts).astype(np.float32))


def test_a_row_draws_by_what_is_in_it():
    X = pd.DataFrame({"a": np.repeat(np.arange(500.0), 2), "b": ["x", "x", "y", None] * 250})
    drawn = coder(X, a="number", b="levels").transform(X).chance()
    assert drawn[:-1:2][::2].tolist() == drawn[1::2][::2].tolist()
    assert len(np.unique(drawn)) > 700
    assert 0 <= drawn.min() < 0.05 < 0.95 < drawn.max() < 1
    assert abs(drawn.mean() - 0.5) < 0.05


def test_numbers_of_days_lie_apart_where_rows_are_cut_by_time():
    X = pd.DataFrame(
        {
            "a": pd.to_datetime(["2000-01-02 06:00", None, "1999-12-31 23:59"]),
            "b": pd.to_datetime(["2024-02-29"] * 3),
        }
    )
    made = coder(X, a="date~", b="date~")
    found = made.transform(X)
    assert made.day_names == ["a", "b"]
    assert found.days.dtype == np.float32
    assert np.array_equal(found.days, [[1, 8825], [np.nan, 8825], [-1, 8825]], equal_nan=True)
    assert found.at(slice(2, 3)).days.tolist() == [[-1, 8825]]
    assert found.numbers.shape == (3, 7)
    assert coder(X, a="date", b="date").transform(X).days is None


def test_days_do_not_decide_what_a_row_draws():
    X = pd.DataFrame({"a": pd.to_datetime(["2022-05-04", "2033-05-04"]), "b": [1.0, 1.0]})
    found = coder(X, a="date~", b="number").transform(X)
    assert found.days[0] != found.days[1]
    assert found.numbers[0].tolist() == found.numbers[1].tolist()
    assert found.chance()[0] == found.chance()[1]


def test_coders_of_earlier_releases_know_of_no_days():
    X = pd.DataFrame({"a": pd.to_datetime(["2024-03-01", "2025-03-02"])})
    made = coder(X, a="date~")
    del vars(made.plan.features[0])["carried"]
    opened = pickle.loads(pickle.dumps(made))
    assert opened.day_names == []
    assert opened.transform(X).days is None
    assert opened.transform(X).numbers.tobytes() == made.transform(X).numbers.tobytes()
