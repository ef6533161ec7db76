"""Nothing is called absent that was not looked for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from beanft.engine.checks.training import entity, leak_column, limits, missingness
from beanft.engine.checks.training.actions import action_of
from beanft.engine.checks.training.asked import Asked
from beanft.engine.checks.training.limits import limits_of
from beanft.engine.checks.training.look import FAILED, look_before
from beanft.engine.checks.training.unlooked import LIMITING, TIME, NotLookedError
from engine.checks.training.tables import asked, clean, with_patients

_CLEAN = "Trees score 0.9. On the 40 locked rows 0.9, which confirms it."


def _months(n_rows: int = 156) -> pd.DataFrame:
    """A monthly table whose target wanders."""
    walk = np.cumsum(np.random.default_rng(0).normal(size=n_rows))
    month = pd.date_range("2013-01-01", periods=n_rows, freq="MS")
    return pd.DataFrame({"month": month, "x": np.arange(n_rows) % 12, "z": walk % 1, "y": walk})


def test_monthly_rows_cut_by_chance_are_told_that_nothing_could_be_checked() -> None:
    look = look_before(asked(_months()), limit_s=600)
    assert "shuffled dates" not in look.looked
    (note,) = [one for one in look.findings if one.code == "unchecked-dates"]
    assert (note.severity, note.columns) == ("note", ("month",))
    assert "125 rows to learn from are too few to tell, 150 are needed" in note.sentence
    assert "The safe choice is to train by time" in note.remedy
    action = action_of(note)
    assert action is not None
    assert (action.by, action.column) == ("time", "month")
    said = limits_of(look.findings, "y").qualify(_CLEAN, "better")
    assert said == (
        f"{_CLEAN[:-1]} as far as was checked. Not checked, as there are too few rows: whether later rows "
        "would score as well; the safe choice is to train by time (“month”)."
    )
    assert all("shuffled dates" not in one.sentence for one in look.findings)


@pytest.mark.parametrize("by", ["time", "group"])
def test_rows_cut_by_another_column_are_told_nothing_of_chance(by: str) -> None:
    look = look_before(asked(_months(), by=by, column="month" if by == "time" else "x"), limit_s=600)
    late = look_before(asked(_months(), by=by, column="month" if by == "time" else "x"), limit_s=-1)
    found = (*look.findings, *late.findings)
    assert not [one for one in found if "dates" in one.code or "shuffled dates" in one.sentence]
    assert "shuffled dates" not in look.looked
    assert not [one for one in look.findings if one.code == "unchecked-dates"]


def test_with_rows_and_time_enough_each_check_is_named_that_had_something_to_look_at() -> None:
    look = look_before(asked(clean(0, "regression")), limit_s=600)
    assert set(LIMITING) <= set(look.looked)
    without_date = look_before(asked(clean(0).drop(columns="day")), limit_s=600).looked
    assert not {"shuffled dates", "dates known only afterwards", "targets computed from columns"} & set(
        without_date
    )
    assert {"columns that tell the target alone", "entities on both sides"} <= set(without_date)


def test_too_few_rows_for_a_check_are_told() -> None:
    look = look_before(asked(clean(0, "binary", 30).drop(columns="day")), limit_s=600)
    (note,) = [one for one in look.findings if one.code == "checks-few-rows"]
    assert "columns that tell the target alone" in note.sentence
    assert "columns that tell the target alone" not in look.looked
    (said,) = limits_of(look.findings, "y").unchecked
    assert said.startswith(
        "Not checked, as there are too few rows: whether one column alone gives the answer"
    )


def test_of_many_rows_with_few_of_a_class_it_is_said_which_are_too_few() -> None:
    table = clean(0, "binary", 400).drop(columns="day")
    table["y"] = np.where(np.arange(400) % 40 == 0, "yes", "no")
    look = look_before(asked(table), limit_s=600)
    (note,) = [one for one in look.findings if one.code == "checks-few-of-class"]
    assert note.sentence == "Too few rows of a class to look for: columns that tell the target alone."
    (said,) = limits_of(look.findings, "y").unchecked
    assert said == (
        "Not checked, as there are too few rows of a class: whether one column alone gives the answer away; "
        "bring more rows of the rarest class."
    )


def test_many_columns_are_told_that_the_target_may_be_computed_from_them() -> None:
    cells = np.random.default_rng(0).normal(size=(300, 61))
    table = pd.DataFrame(cells, columns=[f"x{i}" for i in range(61)]).assign(y=cells[:, 0] + cells[:, 1])
    look = look_before(asked(table), limit_s=600)
    (note,) = [one for one in look.findings if one.code == "checks-many-columns"]
    assert note.sentence == "Too many number columns to look for: targets computed from columns."
    (said,) = limits_of([note], "y").unchecked
    assert said.startswith(
        "Not checked, as there are too many number columns: whether the target is computed"
    )


def test_each_check_that_limits_a_score_has_words_for_the_headline() -> None:
    assert set(limits._CLAUSES) == set(LIMITING)


def test_entities_that_time_was_too_short_for_stand_in_the_headline() -> None:
    question = asked(with_patients(3, "binary"))
    look = look_before(question, limit_s=-1)
    assert look.looked == ()
    held = limits_of(look.findings, "y")
    (said,) = held.unchecked
    assert said.startswith(
        "Not checked, as time was too short: whether rows of the same person or thing were both learned from "
        "and scored, whether later rows would score as well, "
    )
    assert said.endswith(" more; give more time.")
    assert held.sentences == (said,)
    assert held.qualify(_CLEAN, "better") == f"{_CLEAN[:-1]} as far as was checked. {said}"
    assert held.qualify("Nothing is better than guessing.", "guessing") == "Nothing is better than guessing."


def test_what_was_accepted_is_no_longer_in_the_headline() -> None:
    (note,) = look_before(asked(with_patients(3, "binary")), limit_s=-1).findings
    assert limits_of([note], "y", {"checks-skipped:": ""}).unchecked == ()


def test_time_that_ends_within_a_check_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    question = asked(with_patients(3, "binary"))
    monkeypatch.setattr(Asked, "late", property(lambda self: True))
    with pytest.raises(NotLookedError) as caught:
        list(entity.find(question))
    assert caught.value.why == TIME


def test_no_time_is_asked_for_entities_where_no_column_can_name_any() -> None:
    table = clean(0)[["x0", "x1", "y"]]
    (note,) = look_before(asked(table), limit_s=-1).findings
    assert "entities" not in note.sentence
    assert "dates" not in note.sentence


def test_checks_that_ended_without_an_answer_claim_nothing() -> None:
    assert FAILED.looked == ()
    (said,) = limits_of(FAILED.findings, "y").unchecked
    assert said.startswith("Not checked, as the checks were cut off: whether rows of the same person or ")


def test_it_is_said_which_rows_are_counted() -> None:
    table = clean(0)
    table["closed"] = table["x1"].where(table["y"] == "yes")
    (found,) = missingness.find(asked(table))
    n = int(asked(table).dev["closed"].notna().sum())
    assert found.sentence.startswith(f"“closed” is filled in {n} of the 320 rows to learn from, and 100 % of")
    assert found.sentence.endswith("of all 320.")


def test_the_next_column_is_never_better_than_the_one_named_first() -> None:
    random, n = np.random.default_rng(0), 2_000
    y = random.choice(["no", "yes"], n)
    is_yes = y == "yes"
    table = pd.DataFrame({"x": random.normal(size=n), "first": is_yes + 0.0, "y": y})
    table["second"] = is_yes + 0.25 * random.normal(size=n)
    question = asked(table)
    named, found = list(question.alone), list(leak_column.find(question))
    assert [one.columns for one in found] == [("first",), ("second",)]
    for finding in found:
        after = finding.sentence.partition("the next one, “")[2].partition("”")[0]
        assert not after or named.index(after) > named.index(finding.columns[0]), finding.sentence
