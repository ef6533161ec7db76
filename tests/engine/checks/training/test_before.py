"""Checks before a training, one by one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from beanft.engine.checks.training import (
    duplicates,
    few_rows,
    identifiers,
    identity,
    known_afterwards,
    leak_column,
    missingness,
    rare_classes,
)
from beanft.engine.checks.training.actions import action_of
from beanft.engine.checks.training.coding import code
from beanft.engine.checks.training.look import others_wanted
from beanft.engine.checks.training.unlooked import ROWS, NotLookedError
from engine.checks.training.tables import asked, clean, profile_of


def _table(n_rows: int = 400) -> pd.DataFrame:
    """Two numbers, three categories, and a target that hangs on one of them."""
    random = np.random.default_rng(0)
    table = pd.DataFrame({"a": random.normal(size=n_rows), "b": 1 + random.random(n_rows)})
    table["c"] = random.choice(["x", "y", "z"], n_rows)
    table["y"] = np.where(table["a"] + random.normal(size=n_rows) > 0, "yes", "no")
    return table


def test_every_kind_of_cell_becomes_a_finite_number() -> None:
    odd = pd.DataFrame(
        {
            "n": [1e300, np.inf, None, -3.0],
            "d": pd.to_datetime(["2024-01-01", None, "1700-01-01", "2024-01-02"]),
            "t": ["ä", None, "", "ä"],
            "f": [True, False, True, True],
            "same": [7, 7, 7, 7],
        }
    )
    coded = code(odd)
    assert coded.names == ("n", "d", "t", "f")
    assert np.isfinite(coded.values).all()
    assert coded.is_category.tolist() == [False, False, True, False]
    assert coded.without("n", "f").names == ("d", "t")


def test_a_sum_and_a_ratio_are_seen_through() -> None:
    random, table = np.random.default_rng(1), _table()
    table["casual"], table["registered"] = random.integers(0, 90, 400), random.integers(1, 900, 400)
    summed = table.assign(y=(table["casual"] + table["registered"]).astype(float))
    (found,) = identity.find(asked(summed))
    assert found.columns == ("casual", "registered")
    assert "sum or difference" in found.sentence
    (found,) = identity.find(asked(table.assign(y=table["registered"] / table["b"])))
    assert set(found.columns) == {"b", "registered"}
    assert "product or ratio" in found.sentence
    noisy = summed.assign(y=summed["y"] + 20 * random.normal(size=400))
    assert list(identity.find(asked(noisy))) == []


@pytest.mark.parametrize("inverted", [False, True])
def test_a_column_filled_for_one_class_only_tells_it(inverted: bool) -> None:
    table = _table()
    filled = (table["y"] == "yes") != inverted
    found = list(missingness.find(asked(table.assign(closed=table["b"].where(filled)))))
    assert [(one.code, one.columns) for one in found] == [("missingness-leak", ("closed",))]
    at_random = np.random.default_rng(2).random(400) < 0.5
    assert list(missingness.find(asked(table.assign(closed=table["b"].where(at_random))))) == []


def test_missing_values_that_explain_a_number() -> None:
    table = _table()
    gone = np.random.default_rng(3).random(400) < 0.4
    table = table.assign(y=table["a"] + 4 * gone, b=table["b"].mask(gone))
    (found,) = missingness.find(asked(table))
    assert "of the variation" in found.sentence


def test_dates_known_afterwards() -> None:
    random, table = np.random.default_rng(4), _table()
    table["begun"] = pd.Timestamp(2024, 1, 1) + pd.to_timedelta(random.integers(0, 300, 400), unit="D")
    later = table["begun"] + pd.to_timedelta(random.integers(1, 30, 400), unit="D")
    (note,) = known_afterwards.find(asked(table.assign(ended=later)))
    assert (note.severity, note.columns) == ("note", ("ended",))
    assert "later than “begun” in 100 % of the 320 rows to learn from" in note.sentence
    (warning,) = known_afterwards.find(asked(table.assign(ended=later), by="time", column="begun"))
    assert warning.severity == "warning"
    (warning,) = known_afterwards.find(asked(table.assign(ended=later.where(table["y"] == "yes"))))
    assert "is filled in" in warning.sentence


def test_identifiers_are_notes_unless_they_tell_the_target() -> None:
    table = _table().assign(number=np.arange(400) + 1_000, code=[f"k{i:05}" for i in range(400)])
    found = list(identifiers.find(asked(table)))
    assert [(one.columns, one.severity) for one in found] == [(("number",), "note"), (("code",), "note")]
    ordered = table.sort_values("y", ignore_index=True).assign(number=np.arange(400))
    (first, *_) = identifiers.find(asked(ordered))
    assert (first.columns, first.severity) == (("number",), "warning")
    assert list(identifiers.find(asked(_table()))) == []


def test_rows_that_are_alike_by_chance_are_no_copies() -> None:
    random = np.random.default_rng(5)
    few_values = pd.DataFrame(random.integers(0, 2, (500, 3)), columns=["a", "b", "c"])
    few_values["y"] = random.choice(["yes", "no"], 500)
    (found,) = duplicates.find(asked(few_values))
    assert (found.code, found.severity) == ("conflicting-targets", "note")


def test_rare_classes_and_few_rows_are_told() -> None:
    table = _table()
    table.loc[:11, "y"] = "perhaps"
    (found,) = rare_classes.find(asked(table))
    assert "“perhaps” 1" in found.sentence or "“perhaps” 9" in found.sentence or found.figure < 13
    (found,) = few_rows.find(asked(_table(60)))
    assert found.figure < 10
    assert list(few_rows.find(asked(_table()))) == []


def test_few_rows_prove_no_leak() -> None:
    table = clean(0, "binary", 40)
    table["leak"] = (table["y"] == "yes").astype(float)
    with pytest.raises(NotLookedError) as caught:
        list(leak_column.find(asked(table.head(30))))
    assert caught.value.why == ROWS


def test_very_wide_tables_are_screened() -> None:
    random, table = np.random.default_rng(6), _table(300)
    wide = pd.DataFrame(random.normal(size=(300, 120)), columns=[f"w{i}" for i in range(120)])
    leak = (table["y"] == "yes") + 0.05 * random.normal(size=300)
    question = asked(pd.concat([wide, table.assign(leak=leak)], axis=1))
    assert len(question.alone) == 40
    assert [one.columns for one in leak_column.find(question)] == [("leak",)]


def test_dates_and_names_beside_the_features_are_wanted() -> None:
    table = clean(0).assign(customer=["k1", "k2"] * 200, row=[f"r{i}" for i in range(400)])
    profile = profile_of(table, {"row": "identifier", "customer": "identifier"})
    assert others_wanted(profile, ["x0", "city"], "y") == ["day", "customer"]


def test_each_finding_has_the_action_that_answers_it() -> None:
    table = _table()
    leak = table.assign(leak=(table["y"] == "yes") + 0.05 * np.random.default_rng(7).normal(size=400))
    (found,) = leak_column.find(asked(leak))
    action = action_of(found)
    assert action is not None
    assert action.without == ("leak",)
    (note,) = few_rows.find(asked(_table(60)))
    assert action_of(note) is None
