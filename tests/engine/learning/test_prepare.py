"""Which columns take part, and in which role."""

import pytest

from beanft.engine.learning.prepare import input_kind, plan
from beanft.engine.tables.columns import Column


def column(name="c", kind="number", stored="DOUBLE", n_distinct=10, **values):
    return Column(name=name, kind=kind, stored=stored, n_missing=0, n_distinct=n_distinct, **values)


def roles(*columns, n_rows=1_000, n_classes=2, **more):
    made = plan(columns, n_rows=n_rows, n_classes=n_classes, **more)
    return [feature.role for feature in made.features]


PROSE = (("two words", 1), ("and three words", 1))


@pytest.mark.parametrize(
    ("given", "role"),
    [
        (column(), "number"),
        (column(stored="BIGINT", n_distinct=15), "number"),
        (column(stored="BIGINT", n_distinct=150), "code"),
        (column(stored="BIGINT", n_distinct=900), "number"),
        (column(kind="date", stored="DATE"), "date"),
        (column(kind="category", stored="VARCHAR", n_distinct=250), "levels"),
        (column(kind="category", stored="VARCHAR", n_distinct=251), "target"),
        (column(kind="boolean", stored="BOOLEAN", n_distinct=2), "levels"),
        (column(kind="text", stored="VARCHAR", n_distinct=900, top=PROSE), "text"),
        (column(kind="text", stored="VARCHAR", n_distinct=900, top=(("a1", 1), ("b2", 1))), "target"),
    ],
)
def test_the_kind_and_its_values_decide_the_role(given, role):
    assert roles(given) == [role]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (column("id", "identifier", "VARCHAR", 1_000), "“id” only tells the rows apart"),
        (column("same", "constant", "VARCHAR", 1), "“same” has the same value in every row"),
        (column("empty", "text", "VARCHAR", 0), "“empty” has no values"),
    ],
)
def test_columns_that_cannot_help_are_left_out_with_a_note(given, sentence):
    made = plan([given, column()], n_rows=1_000, n_classes=0)
    assert made.names == ["c"]
    assert made.notes[0].startswith(sentence)


def test_a_constant_with_gaps_takes_part_by_its_type():
    given = Column(name="paid", kind="constant", stored="DATE", n_missing=5, n_distinct=1)
    assert input_kind(given) == "date"
    assert roles(given) == ["date"]


def test_days_are_not_counted_where_rows_are_cut_by_time():
    made = plan([column("day", "date", "DATE")], n_rows=100, n_classes=2, by_time=True)
    assert made.features[0].cyclic
    assert made.features[0].carried
    assert made.notes[0].startswith("Of dates only month, weekday and day of the year are learned from")
    assert "carried on by linear learners, which get the number of the day" in made.notes[0]


def test_the_note_of_dates_tells_hours_and_trees_where_there_are_some():
    columns = iter([column("size"), column("at", "date", "TIMESTAMP")])
    (note,) = plan(columns, n_rows=100, n_classes=0, by_time=True).notes
    assert "weekday, day of the year and hour are learned from" in note
    assert "linear learners and by boosted trees “beside a trend”" in note


def test_days_count_as_they_are_where_rows_are_cut_by_chance():
    made = plan([column("day", "date", "DATE")], n_rows=100, n_classes=0)
    assert not made.features[0].cyclic
    assert not made.features[0].carried
    assert made.notes == ()


@pytest.mark.parametrize(("n_classes", "parts"), [(0, 2), (2, 2), (5, 6), (30, 1)])
def test_means_of_the_target_take_a_part_for_each_class_but_not_for_many(n_classes, parts):
    given = column(kind="category", stored="VARCHAR", n_distinct=60_000)
    assert plan([given], n_rows=100_000, n_classes=n_classes).width == parts


def test_no_table_becomes_wider_than_it_may():
    columns = [column(f"t{i}", "text", "VARCHAR", 900, top=PROSE) for i in range(4_000)]
    made = plan(columns, n_rows=1_000, n_classes=2)
    assert len(made.features) == 3_000
    assert made.notes == ("Only the first 3,000 of 4,000 columns were learned from.",)
