"""The charts that are worth a thought, each with its reason and how much it is worth."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime

from beanft.engine.charts.chart import Chart, is_date, is_number, time_column
from beanft.engine.charts.suggestion import (
    Known,
    Suggestion,
    is_code,
    is_scale,
    measure_of,
    rows_of,
    written,
)
from beanft.engine.charts.words import figure
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.relations.pairs import Pair
from beanft.engine.tables.wording import counted, listed, shown

_STRONG = 0.3  # relations below this are weak in words as well
SHOWS = 0.1
"""Strength below which columns have nothing to do with each other that shows."""
_DAYS = 31  # numbers of no more values may be parts of a date
_SAME = 0.98  # two columns so alike say the same thing twice
_SKEWED = 2.0
_OUTLYING = 0.005  # share of the rows
_MISSING = 0.02  # share of the cells of a column
_MANY_CATEGORIES = 8
_FEW_CATEGORIES = 12
_MOST_OF_ALL = 0.8
_ROWS_A_STEP = 10  # means of fewer rows scatter so much that nothing is seen
_FEWEST_STEPS = 30
_MOST_STEPS = 120
_SECONDS = {
    "minute": 60,
    "hour": 3600,
    "day": 86_400,
    "week": 604_800,
    "month": 2_629_746,
    "quarter": 7_889_238,
    "year": 31_556_952,
}
_LONGITUDE = re.compile(r"(^|[^a-z])(lon|lng|long|longitude)([^a-z]|$)", re.IGNORECASE)
_LATITUDE = re.compile(r"(^|[^a-z])(lat|latitude)([^a-z]|$)", re.IGNORECASE)


def _of_target(known: Known) -> Iterator[Suggestion]:
    """How the target itself is spread."""
    target = known.target
    if not target:
        return
    column = known.profile.column(target)
    kind = "histogram" if is_scale(column) else "line" if is_date(column) else "bar"
    yield Suggestion(
        chart=Chart(kind=kind, x=target),
        title=f"Distribution of {target}",
        reason=f"What is to be forecast: {_spread(column)}.",
        score=3.0,
    )


def _spread(column: Column) -> str:
    if is_scale(column) and len(column.quantiles) == 5:
        _, low, middle, high, _ = column.quantiles
        half = f"half of its values lie between {written(low, column)} and {written(high, column)}"
        return f"{half}, the middle one is {written(middle, column)}"
    if column.top:
        value, n = column.top[0]
        return (
            f"{counted(column.n_distinct, 'value')}, the most frequent one is {shown(value, 30)} ({n:,} rows)"
        )
    return counted(column.n_distinct, "different value", "different values")


def _relations(known: Known) -> Iterator[Suggestion]:
    """Columns that go together, the sure part of the strength first; all those of a target."""
    for pair in known.pairs:
        is_about = known.target in (pair.a, pair.b)
        if pair.strength < _STRONG and not is_about:
            continue
        shows = pair.strength >= SHOWS
        begin = f"A {pair.words} relation" if shows else "No relation that shows"
        same = " They may say the same thing." if pair.strength > _SAME else ""
        yield Suggestion(
            chart=_relation(known.profile.column(pair.a), known.profile.column(pair.b), pair, known.target),
            title=f"{shown(pair.a, 40)} and {shown(pair.b, 40)}",
            reason=f"{begin}: {measure_of(pair)} in {rows_of(pair, known)}.{same}",
            score=_sure(pair)
            + (0.5 if shows else -1.0)
            - (0.6 if same else 0.0)
            + (1.0 if is_about else 0.0),
        )


def _sure(pair: Pair) -> float:
    """The end of the interval that is nearer to nothing."""
    ends = [end for end in (pair.low, pair.high) if end is not None]
    if len(ends) < 2:
        return 0.0
    return pair.strength if pair.stronger != pair.value else min(map(abs, ends))


def _relation(a: Column, b: Column, pair: Pair, target: str) -> Chart:
    """The chart that shows a pair, the target standing where it is measured."""
    if is_scale(a) and is_scale(b):
        x, y = (b, a) if a.name == target else (a, b)
        trend = "linear" if pair.stronger == pair.value else "lowess"
        return Chart(kind="scatter", x=x.name, y=y.name, trend=trend)
    if is_scale(a) or is_scale(b):
        number, category = (a, b) if is_scale(a) else (b, a)
        return Chart(kind="box", x=category.name, y=number.name)
    is_colour = a.name == target or (b.name != target and a.n_distinct < b.n_distinct)
    x, colour = (b, a) if is_colour else (a, b)
    if colour.n_distinct <= _FEW_CATEGORIES // 2:
        return Chart(kind="bar", x=x.name, colour=colour.name, layout="share")
    return Chart(kind="heatmap", x=x.name, y=colour.name)


def _over_time(known: Known) -> Iterator[Suggestion]:
    """Change over time: what is measured, and how many rows there are."""
    profile, target = known.profile, known.target
    time = time_column(profile) or next((one for one in profile.columns if is_date(one)), None)
    if time is None:
        return
    numbers = (one for one in profile.columns if is_number(one) and one != time and not is_code(one))
    measured = [one for one in numbers if one.name == target or one.n_distinct > _DAYS]
    measured.sort(key=lambda one: one.name != target)
    bucket = _bucket(time, profile.n_rows)
    by = f"by {bucket}" if bucket else f"by {shown(time.name, 40)}"
    for place, column in enumerate(measured[:2]):
        yield Suggestion(
            chart=Chart(kind="line", x=time.name, y=column.name, aggregation="mean", bucket=bucket),
            title=f"{shown(column.name, 40)} over time",
            reason=f"Mean of {shown(column.name, 40)} {by}{_span(time)}{_trend(known, time, column)}.",
            score=(1.9 if column.name == target else 1.05) - 0.3 * place,
        )
    yield Suggestion(
        chart=Chart(kind="line" if is_date(time) else "histogram", x=time.name),
        title="Rows over time",
        reason=f"{profile.n_rows - time.n_missing:,} rows{_span(time)}{_pace(time, profile.n_rows)}.",
        score=0.7,
    )


def _ends(time: Column) -> tuple[datetime, datetime] | None:
    """First and last moment of a column of dates that Python can count with."""
    try:
        begin, end = (datetime.fromisoformat(str(one)[:19]) for one in (time.minimum, time.maximum))
    except ValueError:
        return None
    return (begin, end) if is_date(time) else None


def _span(time: Column) -> str:
    """From when to when, for the middle of a sentence."""
    ends = _ends(time)
    if ends:
        begin, end = ends
        if begin.year != end.year:
            return f", {begin.year} to {end.year}"
        return f", {begin:%Y-%m-%d} to {end:%Y-%m-%d}"
    if isinstance(time.minimum, int | float) and isinstance(time.maximum, int | float):
        return f", {written(time.minimum, time)} to {written(time.maximum, time)}"
    return ""


def _bucket(time: Column, n_rows: int) -> str:
    """The finest unit of the calendar whose means are of enough rows, and few enough to be seen."""
    ends = _ends(time)
    if not ends:
        return ""
    most = min(_MOST_STEPS, max(_FEWEST_STEPS, n_rows // _ROWS_A_STEP))
    seconds = (ends[1] - ends[0]).total_seconds()
    units = [unit for unit in _SECONDS if time.stored != "DATE" or _SECONDS[unit] >= _SECONDS["day"]]
    return next((unit for unit in units if seconds / _SECONDS[unit] <= most), "year")


def _trend(known: Known, time: Column, column: Column) -> str:
    """How a number goes together with the time, where the ingest measured that."""
    for pair in known.pairs:
        if {pair.a, pair.b} == {time.name, column.name}:
            none = "" if pair.strength >= SHOWS else "no trend that shows, "
            return f"; {none}{measure_of(pair)} in {rows_of(pair, known)}"
    return ""


def _pace(time: Column, n_rows: int) -> str:
    """How many rows a day or a value of the time has."""
    ends, n = _ends(time), n_rows - time.n_missing
    if ends:
        return f": about {figure(n / max(1, (ends[1] - ends[0]).days + 1))} a day"
    each = figure(round(n / max(1, time.n_distinct)))
    return f": about {each} for each of {counted(time.n_distinct, 'value')}"


def _places(known: Known) -> Iterator[Suggestion]:
    """Longitude and latitude, told by their names and their ranges."""
    x, y = (_coordinate(known.profile, *one) for one in ((_LONGITUDE, 180), (_LATITUDE, 90)))
    target = known.target
    if x and y and x != y:
        colour = target if target not in ("", x.name, y.name) else ""
        yield Suggestion(
            chart=Chart(kind="map", x=x.name, y=y.name, colour=colour),
            title="Where the rows are",
            reason=f"{shown(x.name, 40)} and {shown(y.name, 40)} look like places on the earth.",
            score=1.3,
        )


def _coordinate(profile: Profile, name: re.Pattern[str], most: float) -> Column | None:
    for column in profile.columns:
        ends = (column.minimum, column.maximum)
        is_within = all(isinstance(end, int | float) and -most <= end <= most for end in ends)
        if is_number(column) and name.search(column.name) and is_within:
            return column
    return None


def _distributions(known: Known) -> Iterator[Suggestion]:
    """Numbers that are spread oddly, the first of the others as well."""
    profile = known.profile
    numbers = [one for one in profile.columns if is_scale(one) and one.name != known.target]
    for place, column in enumerate(numbers):
        name, n_values = shown(column.name, 40), max(1, profile.n_rows - column.n_missing)
        skewness, outlying = column.skewness or 0.0, column.n_outliers / n_values
        chart, reason, score = Chart(kind="histogram", x=column.name), f"{name}: {_spread(column)}.", 0.2
        if abs(skewness) > _SKEWED:
            is_positive = isinstance(column.minimum, int | float) and column.minimum > 0
            chart = Chart(kind="histogram", x=column.name, log_x=is_positive and skewness > 0)
            side = "large" if skewness > 0 else "small"
            reason = f"{name} has a long tail of {side} values (skewness {skewness:.1f})."
            score = 0.75 + min(abs(skewness), 20) / 100
        elif outlying > _OUTLYING:
            chart = Chart(kind="box", y=column.name)
            reason = (
                f"{column.n_outliers:,} values of {name} ({100 * outlying:.1f} %) lie far from the others."
            )
            score = 0.65
        yield Suggestion(
            chart=chart, title=f"Distribution of {column.name}", reason=reason, score=score - place / 1000
        )


def _categories(known: Known) -> Iterator[Suggestion]:
    """Categories of which few make up most, and how often the others appear."""
    profile = known.profile
    for place, column in enumerate(profile.columns):
        if is_scale(column) or is_date(column) or not column.top or column.name == known.target:
            continue
        n_values = max(1, profile.n_rows - column.n_missing)
        few = max(1, column.n_distinct // 5)
        share = sum(n for _, n in column.top[:few]) / n_values
        name = shown(column.name, 40)
        if column.n_distinct > _MANY_CATEGORIES and few <= len(column.top) and share >= _MOST_OF_ALL:
            yield Suggestion(
                chart=Chart(kind="pareto", x=column.name),
                title=f"What makes up {name}",
                reason=f"{counted(few, 'value')} of {column.n_distinct:,} make up {100 * share:.0f} % of "
                "the rows.",
                score=0.8,
            )
        else:
            value, n = column.top[0]
            yield Suggestion(
                chart=Chart(kind="bar", x=column.name),
                title=f"Rows by {name}",
                reason=f"{shown(value, 30)} is the most frequent of {counted(column.n_distinct, 'value')}: "
                f"{100 * n / n_values:.0f} % of the rows.",
                score=0.35 - place / 1000,
            )


def _missing(known: Known) -> Iterator[Suggestion]:
    """Columns with gaps."""
    profile = known.profile
    lacking = [one for one in profile.columns if one.n_missing > _MISSING * profile.n_rows]
    if lacking and not known.target:
        worst = max(lacking, key=lambda one: one.n_missing)
        yield Suggestion(
            chart=Chart(kind="missing"),
            title="Missing values",
            reason=_lacking(len(lacking), worst, profile.n_rows),
            score=0.6 + 0.5 * worst.n_missing / profile.n_rows,
        )


def _lacking(n: int, worst: Column, n_rows: int) -> str:
    """How many columns have gaps, and which the most.

    >>> flag = Column(name="flag", kind="text", stored="VARCHAR", n_missing=3, n_distinct=2)
    >>> _lacking(1, flag, 9)
    '“flag” has no value in 33 % of the rows.'
    """
    share = f"{100 * worst.n_missing / n_rows:.0f} %"
    if n == 1:
        return f"{shown(worst.name, 40)} has no value in {share} of the rows."
    return (
        f"{n} columns have no value in more than {100 * _MISSING:.0f} % of the rows, most of all "
        f"{shown(worst.name, 40)}: {share}."
    )


def _matrices(known: Known) -> Iterator[Suggestion]:
    """All numbers at once, where there are enough of them."""
    numbers = {one.name for one in known.profile.columns if is_scale(one) and not is_code(one)}
    measured = [one for one in known.pairs if {one.a, one.b} <= numbers]
    strong = sorted((one for one in measured if one.strength >= _STRONG), key=lambda one: -one.strength)
    if len(numbers) < 4 or len(strong) < 2 or known.target:
        return
    best = strong[0]
    yield Suggestion(
        chart=Chart(kind="correlations"),
        title="All numbers together",
        reason=f"Of {len(measured):,} pairs, {len(strong):,} reach a correlation of ±{_STRONG:.1f}; "
        f"the strongest is {best.stronger:.2f}, of {shown(best.a, 40)} and {shown(best.b, 40)}.",
        score=0.9,
    )
    related = tuple(dict.fromkeys(known.alike.get(name, name) for one in strong for name in (one.a, one.b)))[
        :4
    ]
    inner = [one.strength for one in strong if {one.a, one.b} <= set(related)]
    if len(related) > 2 and inner:
        yield Suggestion(
            chart=Chart(kind="pairs", columns=related),
            title="The most related numbers",
            reason=f"{listed(related)}, row by row: {counted(len(inner), 'pair')} of ±{_STRONG:.1f} or more, "
            f"the strongest of {max(inner):.2f}.",
            score=0.55,
        )


LOOKS: tuple[Callable[[Known], Iterator[Suggestion]], ...] = (
    _of_target,
    _relations,
    _over_time,
    _places,
    _distributions,
    _categories,
    _missing,
    _matrices,
)
"""What is looked at, each giving charts with their scores."""
