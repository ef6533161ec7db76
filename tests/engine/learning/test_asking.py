"""How rows would be checked is proposed from size and roles, and choices that do not fit are refused."""

from dataclasses import replace

import numpy as np
import pytest

from beanft.engine.checks.entities import CODE
from beanft.engine.errors import EngineError
from beanft.engine.findings import Finding
from beanft.engine.learning import question
from beanft.engine.learning.asking import (
    check_question,
    cut_refusal,
    group_columns,
    propose_validation,
    time_columns,
)
from beanft.engine.learning.choices import Choices, Validation
from beanft.engine.learning.order import Order
from beanft.engine.learning.sizes import sizes
from beanft.engine.learning.target import Target
from beanft.engine.tables.columns import Column, Profile


def column(name, **values):
    given = {"kind": "number", "stored": "DOUBLE", "n_missing": 0, "n_distinct": 50}
    return Column(name=name, **(given | values))


def table(*more, n_rows=1_000, roles=None):
    columns = (
        column("y", n_missing=100),
        column("word", kind="category", stored="VARCHAR", n_distinct=8),
        column("flag", kind="boolean", stored="BOOLEAN", n_distinct=2),
        *more,
    )
    return Profile(n_rows=n_rows, columns=columns).with_roles(roles or {})


DAY = column("day", kind="date", stored="DATE", n_distinct=300)


@pytest.mark.parametrize("by", ["chance", "group", "time"])
@pytest.mark.parametrize("n_rows", [60, 74, 75, 3_000, 3_800, 70_000, 81_000])
def test_what_is_proposed_is_what_is_cut(n_rows, by):
    """Asked of the code that cuts the rows of a training, not of the table of sizes."""
    y, codes = np.arange(float(n_rows)), np.arange(n_rows) // (4 if by == "group" else 1)
    answer = Target(rows=np.arange(n_rows), y=y, labels=(), notes=())
    order = None if by == "chance" else Order(by=by, column="c", codes=codes)
    split, folds = question._cut(answer, Validation(), classes=False, seed=0, order=order)
    said = sizes(n_rows, by)
    assert len(split.holdout) == pytest.approx(n_rows * said.holdout, rel=0.02, abs=4)
    assert (folds.n_folds, folds.n_repeats) == (said.folds, said.repeats)


def test_rows_are_drawn_by_chance_and_classes_shared_out():
    found = propose_validation(table(), "word", "classification")
    assert (found.by, found.column, found.stratified, found.folds) == ("chance", "", True, 8)
    assert found.sentence.startswith(
        "Rows are drawn by chance, each class by its share. 20 % of the rows (200)"
    )
    assert "cut into 8 folds because they are no more than 3,000 rows;" in found.sentence
    assert found.offer == ""


def test_rows_without_a_target_do_not_count():
    assert "20 % of the rows (180)" in propose_validation(table(), "y", "regression").sentence


def test_a_group_role_keeps_rows_together_and_a_time_role_wins():
    grouped = propose_validation(table(roles={"word": "group"}), "y", "regression")
    assert (grouped.by, grouped.column, grouped.folds) == ("group", "word", 5)
    both = propose_validation(table(DAY, roles={"word": "group", "day": "time"}), "y", "regression")
    assert (both.by, both.column, both.folds, both.offer) == ("time", "day", 3, "")
    assert "3 steps, each learning from all rows before it" in both.sentence


def test_the_role_of_the_target_counts_for_nothing():
    assert propose_validation(table(roles={"word": "group"}), "word", "classification").by == "chance"


def test_a_date_without_a_role_is_offered():
    found = propose_validation(table(DAY), "y", "regression")
    assert found.by == "chance"
    assert found.offered == "day"
    assert "“day” holds dates, so the rows may be ordered by time." in found.offer
    assert propose_validation(table(DAY, roles={"day": "ignore"}), "y", "regression").offered == ""


PATIENT = column("patient", kind="text", stored="VARCHAR", n_distinct=120)


def _with_patients(roles=None):
    finding = Finding(
        code=CODE, severity="note", columns=("patient", "y"), sentence="Several rows each.", figure=8.0
    )
    return replace(table(PATIENT, roles=roles), findings=(finding,))


def test_groups_that_the_table_seems_to_have_are_offered():
    """The newcomer's voices of 120 patients were cut by chance without a word."""
    found = propose_validation(_with_patients(), "y", "regression")
    assert (found.by, found.offered_group, found.offered) == ("chance", "patient", "")
    assert found.offer == (
        "Several rows have the same “patient”, and their “y” is more alike than by chance. If rows of "
        "another “patient” are to be predicted, choose “By group”: a model could else know it again."
    )


def test_groups_are_not_offered_where_the_target_does_not_agree_within_them():
    for asked in ("word", "patient", ""):
        assert propose_validation(_with_patients(), asked, "classification").offer == ""
    assert propose_validation(_with_patients({"patient": "ignore"}), "y", "regression").offer == ""
    assert propose_validation(_with_patients({"patient": "group"}), "y", "regression").offer == ""


def test_dates_and_groups_are_offered_together():
    shown = replace(_with_patients(), columns=(*_with_patients().columns, DAY))
    found = propose_validation(shown, "y", "regression")
    assert (found.offered, found.offered_group) == ("day", "patient")
    assert "choose “By time”" in found.offer
    assert "choose “By group”" in found.offer


def _words_that_are_numbers():
    top = tuple((f"{i}k", 6) for i in range(20))
    told = {"kind": "text", "stored": "VARCHAR", "almost": "number", "n_distinct": 900, "top": top}
    return table(column("margin", **told))


def test_only_rows_of_classes_that_can_be_learned_are_counted():
    # 120 rows are listed; the other 880 values have a row each, and none is left over
    said = propose_validation(_words_that_are_numbers(), "margin", "classification").sentence
    assert "20 % of the rows (24)" in said


def test_words_that_look_like_numbers_are_refused_before_a_job_is_made():
    with pytest.raises(EngineError, match=r"“margin” looks like numbers; .* at most 120 would be left"):
        check_question(_words_that_are_numbers(), "margin", "classification", Choices())
    check_question(_words_that_are_numbers(), "word", "classification", Choices())


def test_small_and_large_tables_say_so():
    assert "3 folds, 3 times" in propose_validation(table(n_rows=150), "y", "regression").sentence
    large = propose_validation(table(n_rows=1_000_000), "word", "classification", max_rows=200_000)
    assert large.folds == 1
    assert "10 % of the rows (20,000)" in large.sentence
    assert "checked once" in large.sentence


def test_columns_to_cut_by():
    shown = table(DAY, column("id", kind="identifier", stored="BIGINT", n_distinct=1_000))
    assert group_columns(shown, "y") == ["word", "day"]
    assert time_columns(shown, "y") == ["day"]
    assert "y" in time_columns(shown)


@pytest.mark.parametrize(
    ("by", "name", "words"),
    [
        ("group", "", "Choose the column of the groups."),
        ("time", "", "Choose the column of the time."),
        ("group", "wings", "There is no column “wings”"),
        ("group", "y", "is to be predicted"),
        ("group", "flag", "has 2 values, and at least 3 groups"),
        ("time", "word", "holds neither dates nor numbers"),
        ("time", "day", ""),
        ("group", "word", ""),
        ("chance", "", ""),
        ("", "", ""),
    ],
)
def test_what_rows_cannot_be_cut_by_says_why(by, name, words):
    found = cut_refusal(table(DAY), "y", by, name)
    assert words in found
    assert bool(words) == bool(found)


def test_few_moments_are_no_time():
    assert "3 moments" in cut_refusal(table(column("week", n_distinct=3)), "y", "time", "week")


def test_the_column_in_the_role_serves_where_none_is_named():
    assert cut_refusal(table(roles={"word": "group"}), "y", "group", "") == ""


def test_choices_are_checked_as_a_whole():
    check_question(table(), "y", "regression", Choices(validation=Validation(by="group", column="word")))
    with pytest.raises(EngineError, match="Class weights are for classification"):
        check_question(table(), "y", "regression", Choices(class_weights="balanced"))
    with pytest.raises(EngineError, match="no column “wings”"):
        check_question(table(), "y", "regression", Choices(validation=Validation(by="time", column="wings")))
