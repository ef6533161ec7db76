"""Simple guesses are found on raw columns and say in words what they do."""

import numpy as np
import pandas as pd
import pytest

from beanft.engine.learning.judging.references import best_column, rule

RANDOM = np.random.default_rng(0)
N = 400
SEX = np.where(RANDOM.uniform(size=N) < 0.5, "female", "male")
FARE = RANDOM.uniform(0, 100, N).round(1)
X = pd.DataFrame(
    {
        "fare": np.where(np.arange(N) % 10 == 0, np.nan, FARE),
        "noise": RANDOM.normal(size=N),
        "sex": pd.Series(SEX).where(np.arange(N) % 11 != 0, None),
        "day": pd.Timestamp("2020-01-01") + pd.to_timedelta(RANDOM.integers(0, 300, N), unit="D"),
        "name": [f"n{i}" for i in range(N)],
    }
)
Y = ((SEX == "female") & (FARE > 30) ^ (RANDOM.uniform(size=N) < 0.05)).astype(int)


def test_the_best_column_is_found():
    found = best_column(X, Y, "classification", 2, 0)
    assert (found.name, found.sentence) == ("best_column", "The single column “sex”.")
    chances = found.predict(X)
    assert chances.shape == (N, 2)
    assert chances[SEX == "female", 1].mean() > 0.4


def test_the_rule_is_told_in_words():
    found = rule(X, Y, "classification", 2, 0, ("died", "lived"))
    assert found.sentence.startswith("Chance of “lived”: if “")
    assert "“sex” = “female”" in found.sentence
    assert "“fare” > " in found.sentence
    assert found.predict(X).sum(axis=1) == pytest.approx(np.ones(N))


def test_new_rows_may_hold_anything():
    new = pd.DataFrame(
        {
            "fare": [np.inf, np.nan],
            "noise": [-np.inf, 0.0],
            "sex": ["other", None],
            "day": pd.to_datetime([None, "2030-05-01"]),
            "name": ["x", "y"],
        }
    )
    for make in (best_column, rule):
        chances = make(X, Y, "classification", 2, 0).predict(new)
        assert np.isfinite(chances).all()


def test_a_date_is_told_as_a_date():
    y = (X["day"] > pd.Timestamp("2020-06-01")).astype(float).to_numpy()
    assert "“day” ≤ 2020-06-02" in rule(X[["noise", "day"]], y, "regression", 0, 0).sentence


def test_cuts_of_one_column_are_told_as_ranges():
    y = np.digitize(FARE, [25, 50, 75]).astype(float)
    words = rule(pd.DataFrame({"fare": FARE}), y, "regression", 0, 0).sentence
    assert words.count("“fare”") == 4
    assert "“fare” from 25.35 to 50: 1" in words


def test_a_class_absent_from_the_rows_has_no_chance():
    chances = best_column(X, Y, "classification", 3, 0).predict(X)
    assert chances.shape == (N, 3)
    assert (chances[:, 2] == 0).all()


def test_many_classes_name_the_likeliest():
    y = np.digitize(FARE, [25, 50, 75])
    words = rule(pd.DataFrame({"fare": FARE}), y, "classification", 4, 0, ("a", "b", "c", "d")).sentence
    assert "“a” (1)" in words


def test_rows_without_any_pattern_or_number_still_get_an_answer():
    bare = pd.DataFrame({"empty": pd.Series([None] * 6, dtype=object)})
    y = np.array([0, 1, 0, 1, 0, 1])
    assert rule(bare, y, "classification", 2, 0).sentence == "Chance of “1”: always 0.5: no column helps."
    assert best_column(bare, y, "classification", 2, 0).predict(bare).shape == (6, 2)
    assert best_column(bare[:2], y[:2], "classification", 2, 0).predict(bare[:2]).shape == (2, 2)


def test_the_same_seed_finds_the_same():
    one, two = (rule(X, Y, "classification", 2, 7).predict(X) for _ in range(2))
    assert (one == two).all()


def test_truth_values_are_told_in_the_words_of_the_owner():
    left = pd.Series([True, False] * 50, name="left")
    y = np.array([1, 0] * 50)
    words = {"left": ("no", "yes")}
    said = rule(left.to_frame(), y, "classification", 2, 0, ("stays", "goes"), words).sentence
    assert "“left” = “no”: 0" in said
    assert "“left” = “yes”: 1" in said
    assert "rue" not in said


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_where_no_column_helps_it_is_said(task):
    random = np.random.default_rng(3)
    table = pd.DataFrame({"Month": np.arange(125) % 12, "noise": random.normal(size=125)})
    y = random.integers(0, 2, 125) if task == "classification" else random.normal(size=125)
    found = best_column(table, y, task, 2 if task == "classification" else 0, 0).sentence
    assert found.startswith("No single column does better than guessing; “")
    assert found.endswith("” comes nearest.")


def test_chances_are_no_powers_of_ten():
    fare = pd.DataFrame({"fare": np.repeat([1.0, 2.0], 30_000)})
    y = np.zeros(60_000, dtype=int)
    y[30_000:] = 1
    y[0] = 1
    assert "e-" not in rule(fare, y, "classification", 2, 1, ("no", "yes")).sentence
