"""The charts worth seeing: what stands out comes first, with the figure that makes it stand out."""

from dataclasses import replace

import pytest

from beanft.engine.charts.catalogue import KINDS
from beanft.engine.charts.rules import check
from beanft.engine.charts.suggest import MOST, suggest
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.relations.pairs import Correlations, Pair


def number(name: str, **more: object) -> Column:
    usual = Column(
        name=name,
        kind="number",
        stored="DOUBLE",
        n_missing=0,
        n_distinct=900,
        minimum=1.0,
        maximum=9.0,
        quantiles=(1.5, 3.0, 5.0, 7.0, 8.5),
        skewness=0.1,
    )
    return replace(usual, **more)


def category(name: str, top: tuple[tuple[str, int], ...]) -> Column:
    return Column(name=name, kind="category", stored="VARCHAR", n_missing=0, n_distinct=len(top), top=top)


AREA, PRICE, TAX = number("area"), number("price", skewness=7.5), number("tax")
TOWN = category("town", (("Ulm", 500), ("Bonn", 300), ("Kiel", 200)))
DAY = Column(
    name="day",
    kind="date",
    stored="DATE",
    n_missing=0,
    n_distinct=800,
    minimum="1969-01-01",
    maximum="1971-03-11",
)
HOUSES = Profile(n_rows=1000, columns=(AREA, PRICE, TAX, TOWN, DAY))


def pair(a: str, b: str, value: float, measure: str = "pearson", **more: float) -> Pair:
    return Pair(
        a=a, b=b, measure=measure, value=value, low=value - 0.02, high=value + 0.02, n_rows=1000, **more
    )


def related(*pairs: Pair) -> Correlations:
    return Correlations(
        columns=tuple(column.name for column in HOUSES.columns),
        pairs=pairs,
        n_rows_used=1000,
        is_sample=False,
    )


def test_the_strongest_relation_comes_first_with_its_interval():
    first = suggest(HOUSES, related(pair("area", "price", 0.8), pair("area", "tax", 0.4)))[0]
    assert (first.chart.kind, first.chart.x, first.chart.y) == ("scatter", "area", "price")
    assert first.chart.trend == "linear"
    assert first.reason == ("A strong relation: correlation 0.80 (95 % interval 0.78 to 0.82) in 1,000 rows.")


def test_a_curved_relation_is_drawn_smooth():
    curved = pair("area", "price", 0.4, spearman=0.9, spearman_low=0.88, spearman_high=0.92)
    first = suggest(HOUSES, related(curved))[0]
    assert first.chart.trend == "lowess"
    assert "rank correlation 0.90 (95 % interval 0.88 to 0.92)" in first.reason


def test_columns_that_are_the_same_are_said_to_be_and_come_later():
    found = suggest(HOUSES, related(pair("area", "tax", 0.995), pair("area", "price", 0.5)))
    kinds = [(one.chart.x, one.chart.y) for one in found if one.chart.kind == "scatter"]
    assert kinds == [("area", "price"), ("area", "tax")]
    same = next(one for one in found if one.chart.y == "tax" and one.chart.kind == "scatter")
    assert same.reason.endswith("They may say the same thing.")


def test_a_long_tail_is_drawn_on_a_log_axis():
    one = next(one for one in suggest(HOUSES) if one.chart.x == "price" and one.chart.kind == "histogram")
    assert one.chart.log_x
    assert one.reason == "“price” has a long tail of large values (skewness 7.5)."


def test_change_over_time_names_the_time():
    one = next(one for one in suggest(HOUSES) if one.chart.kind == "line")
    assert (one.chart.x, one.chart.y, one.chart.aggregation) == ("day", "area", "mean")
    assert one.reason == "Mean of “area” by month, 1969 to 1971."
    assert one.chart.bucket == "month"


def test_rows_over_time_say_how_dense_they_are():
    days = Profile(n_rows=1000, columns=(TOWN, DAY))
    one = next(one for one in suggest(days) if one.title == "Rows over time")
    assert one.reason == "1,000 rows, 1969 to 1971: about 1.25 a day."


def test_a_trend_that_was_measured_is_told_and_years_are_written_as_years():
    year = number("year", stored="BIGINT", n_distinct=40, minimum=1974, maximum=2018, role="time")
    table = Profile(n_rows=1000, columns=(year, AREA))
    found = suggest(table, related(pair("year", "area", 0.004)))
    one = next(one for one in found if one.chart.kind == "line")
    assert one.reason == (
        "Mean of “area” by “year”, 1974 to 2018; no trend that shows, "
        "correlation 0.00 (95 % interval -0.02 to 0.02) in 1,000 rows."
    )


def test_numbers_that_say_the_same_count_as_one():
    pairs = (pair("area", "tax", 0.97), pair("area", "price", 0.9), pair("price", "tax", 0.88))
    found = suggest(HOUSES, related(*pairs))
    about = [one.columns for one in found if one.chart.kind == "scatter"]
    assert about == [("area", "tax"), ("area", "price")]


def test_a_sample_is_said_to_be_one():
    sample = replace(related(pair("area", "price", 0.8)), is_sample=True)
    assert suggest(HOUSES, sample)[0].reason.endswith("in a sample of 1,000 rows.")


def test_what_cannot_be_drawn_is_not_suggested():
    found = suggest(HOUSES, related(pair("town", "day", 0.9, "eta"), pair("area", "price", 0.4)))
    assert not [one for one in found if set(one.columns) == {"town", "day"}]


def test_codes_come_last():
    flight = number("flight", stored="BIGINT", n_distinct=900)
    table = Profile(n_rows=1000, columns=(flight, AREA, PRICE))
    found = suggest(table, related(pair("flight", "area", 0.9), pair("area", "price", 0.4)))
    assert found[0].columns == ("area", "price")
    assert "flight" in found[-1].columns


def test_all_numbers_together_name_the_strongest_pair():
    table = Profile(n_rows=1000, columns=(AREA, PRICE, TAX, number("rooms")))
    pairs = (pair("area", "price", 0.8), pair("area", "tax", -0.5), pair("price", "rooms", 0.1))
    one = next(one for one in suggest(table, related(*pairs)) if one.chart.kind == "correlations")
    assert one.reason == (
        "Of 3 pairs, 2 reach a correlation of ±0.3; the strongest is 0.80, of “area” and “price”."
    )


def test_charts_about_a_target_are_filled_up_with_weak_ones():
    columns = (PRICE, *(number(f"n{place}") for place in range(9)))
    pairs = [pair("price", f"n{place}", 0.05 - place / 1000) for place in range(9)]
    found = suggest(Profile(n_rows=1000, columns=columns), related(*pairs), target="price")
    assert len(found) == MOST
    assert found[1].reason.startswith("No relation that shows: correlation 0.05 (95 %")


def test_a_target_is_in_every_chart_and_its_own_comes_first():
    found = suggest(
        HOUSES, related(pair("town", "price", 0.15, "eta"), pair("area", "tax", 0.9)), target="price"
    )
    assert all("price" in one.columns for one in found)
    assert found[0].chart.kind == "histogram"
    assert "half of its values lie between 3 and 7, the middle one is 5" in found[0].reason
    assert [one.chart.kind for one in found] == ["histogram", "line", "box"]


def test_ignored_columns_and_keys_are_not_suggested():
    columns = (replace(AREA, role="ignore"), replace(TAX, kind="identifier"), TOWN)
    found = suggest(Profile(n_rows=1000, columns=columns))
    assert [one.columns for one in found] == [("town",)]
    assert found[0].reason == "“Ulm” is the most frequent of 3 values: 50 % of the rows."


def test_gaps_are_worth_seeing():
    lacking = Profile(n_rows=1000, columns=(AREA, number("tax", n_missing=250)))
    one = next(one for one in suggest(lacking) if one.chart.kind == "missing")
    assert one.reason == "“tax” has no value in 25 % of the rows."
    gaps = Profile(n_rows=1000, columns=(AREA, number("tax", n_missing=250), number("fee", n_missing=30)))
    one = next(one for one in suggest(gaps) if one.chart.kind == "missing")
    assert one.reason == "2 columns have no value in more than 2 % of the rows, most of all “tax”: 25 %."


def test_places_on_the_earth_become_a_map():
    places = (
        number("pickup_longitude", minimum=-74.3, maximum=-73.7),
        number("pickup_latitude", minimum=40.5, maximum=40.9),
        number("platitude", minimum=0.0, maximum=9.0),
    )
    one = next(one for one in suggest(Profile(n_rows=9, columns=places)) if one.chart.kind == "map")
    assert (one.chart.x, one.chart.y) == ("pickup_longitude", "pickup_latitude")


def test_a_few_values_that_make_up_most_become_a_pareto_chart():
    top = (("a", 800), ("b", 100), *((f"v{place}", 10) for place in range(10)))
    one = suggest(Profile(n_rows=1000, columns=(category("code", top),)))[0]
    assert one.chart.kind == "pareto"
    assert one.reason == "2 values of 12 make up 90 % of the rows."


@pytest.mark.parametrize("target", ["", "price", "town", "day"])
def test_every_suggestion_can_be_drawn_and_none_is_shown_twice(target):
    pairs = [pair("area", "price", 0.8), pair("area", "tax", 0.7), pair("price", "tax", 0.6)]
    pairs += [pair("area", "town", 0.5, "eta"), pair("price", "town", 0.4, "eta")]
    found = suggest(HOUSES, related(*pairs), target=target)
    assert 1 <= len(found) <= MOST
    assert len({one.chart for one in found}) == len(found)
    for one in found:
        check(one.chart, HOUSES)
        assert one.chart.kind in KINDS
        assert one.reason.endswith(".")


def test_an_empty_table_has_nothing_to_suggest():
    assert suggest(Profile(n_rows=0, columns=())) == ()


def test_a_change_over_time_without_a_trend_does_not_stand_first():
    time = replace(DAY, role="time")
    table = Profile(n_rows=1000, columns=(AREA, PRICE, TOWN, time))
    pairs = (pair("area", "price", 0.45), pair("area", "day", 0.03))
    found = [one.title for one in suggest(table, related(*pairs))]
    assert found[0] == "“area” and “price”"
    rising = [one.title for one in suggest(table, related(pairs[0], pair("area", "day", 0.4)))]
    assert rising[0] == "“area” over time"
