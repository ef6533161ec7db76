"""Compares two columns of numbers or dates: Pearson's and Spearman's correlation."""

from collections.abc import Sequence

import duckdb
import numpy as np

from beanft.engine.compare.chance import Floats, average_ranks, correlation_p
from beanft.engine.compare.reading import measure_of, part_of
from beanft.engine.compare.results import Chance, Effect, TwoColumns
from beanft.engine.compare.words import SCALES, chance_words, few_rows, judged, remarks
from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.relations.numbers import fisher
from beanft.engine.tables.relations.pairs import FEWEST_ROWS
from beanft.engine.tables.sampling import SAMPLE_ROWS
from beanft.engine.tables.wording import hundredths, shown

_AIMED = 0.99  # of the largest sample: its size is random
_NOTHING = "the two had nothing to do with each other"


def compare_numbers(
    database: duckdb.DuckDBPyConnection, source: str, profile: Profile, a: Column, b: Column
) -> TwoColumns:
    """Compare two columns of numbers or dates.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        An open connection.
    source : str
        SQL of the table, with a column file_row_number.
    profile : Profile
        What is known of the table.
    a, b : Column
        Columns whose part is "number" or "date".

    Returns
    -------
    TwoColumns
        Two numbers have both correlations, dates only that by ranks.

    Raises
    ------
    EngineError
        When fewer than ten rows have both, or one of the two does not vary in them.
    """
    x, y = measure_of(a).sql, measure_of(b).sql
    rows = f"(SELECT {x} AS x, {y} AS y, file_row_number AS row FROM {source})"  # noqa: S608 -- quoted names
    complete = "x IS NOT NULL AND y IS NOT NULL"
    found = database.execute(
        "SELECT count(*), CASE WHEN min(x) < max(x) AND min(y) < max(y) THEN corr(x, y) END "  # noqa: S608 -- our own text
        f"FROM {rows} WHERE {complete}"
    ).fetchone()
    n, pearson = found or (0, None)
    _check(n, pearson, a, b)
    sampled = n > SAMPLE_ROWS
    some = f" AND hash(row) % {n} < {int(_AIMED * SAMPLE_ROWS)}" if sampled else ""
    values = database.execute(f"SELECT x, y FROM {rows} WHERE {complete}{some}").fetchnumpy()  # noqa: S608 -- our own text
    ranks = spearman(np.asarray(values["x"]), np.asarray(values["y"]))
    n_ranked = len(values["x"])
    return _described(profile, a, b, n, n_ranked if sampled else 0, pearson, ranks)


def spearman(x: Floats, y: Floats) -> float:
    """Spearman's rank correlation, equal values ranked alike.

    Parameters
    ----------
    x, y : array of shape (n_rows,)
        Finite numbers; neither is constant.

    Returns
    -------
    float
        -1..1.

    Examples
    --------
    >>> spearman(np.arange(9.0), np.exp(np.arange(9.0)))
    1.0
    """
    one, two = (average_ranks(values)[0] - (values.size + 1) / 2 for values in (x, y))
    r = float((one * two).sum() / np.sqrt((one * one).sum() * (two * two).sum()))
    return max(-1.0, min(1.0, r))


def _check(n: int, pearson: float | None, a: Column, b: Column) -> None:
    if n < FEWEST_ROWS:
        raise EngineError(
            f"{few_rows(n)} a value in both {shown(a.name)} and "
            f"{shown(b.name)}. A correlation needs at least {FEWEST_ROWS}."
        )
    if pearson is None:
        raise EngineError(
            f"In the {n:,} rows that have both {shown(a.name)} and {shown(b.name)}, one of the two is "
            "always the "
            "same, so nothing can be said of how they go together."
        )


def _described(
    profile: Profile, a: Column, b: Column, n: int, n_sampled: int, pearson: float | None, ranks: float
) -> TwoColumns:
    over_time = "date" in (part_of(a), part_of(b))
    by_rank = _effect("spearman", "Spearman’s rank correlation", ranks, n_sampled or n)
    effects, tests = [by_rank], [_test("spearman", "Spearman", ranks, n_sampled or n)]
    if not over_time and pearson is not None:
        r = max(-1.0, min(1.0, pearson))
        effects.append(_effect("pearson", "Pearson’s correlation", r, n))
        tests.append(_test("pearson", "Pearson", r, n))
    return TwoColumns(
        a=a.name,
        b=b.name,
        case="time" if over_time else "numbers",
        why=_why(a, b, over_time),
        n_rows=profile.n_rows,
        n_used=n,
        n_sampled=n_sampled,
        effects=tuple(effects),
        tests=tuple(tests),
        size=by_rank.size,
        verdict=_verdict(a, b, by_rank),
        notes=(*_bent(effects), *_in_time(over_time), *remarks(n)),
    )


def _effect(code: str, label: str, r: float, n: int) -> Effect:
    low, high = fisher(r, n, ranks=code == "spearman")
    says = {
        "spearman": "How steadily one rises with the other, straight or not: -1 to 1.",
        "pearson": "How close the rows are to a straight line: -1 to 1.",
    }[code]
    scale = SCALES["correlation"]
    return Effect(
        code=code,
        label=label,
        value=r,
        low=low,
        high=high,
        size=scale.size(r),
        convention=scale.convention,
        says=says,
    )


def _test(code: str, label: str, r: float, n: int) -> Chance:
    p = correlation_p(r, n)
    return Chance(code=code, label=label, statistic=None, p=p, words=chance_words(p, _NOTHING, "relation"))


def _why(a: Column, b: Column, over_time: bool) -> str:
    if over_time:
        return (
            "One of the two is a date, so it is asked whether the other rises or falls as time goes on: by "
            "ranks (Spearman), which need no straight line."
        )
    return (
        f"{shown(a.name)} and {shown(b.name)} are numbers, so their correlation is measured: by ranks "
        "(Spearman), "
        "which outliers hardly move, and along a straight line (Pearson)."
    )


def _verdict(a: Column, b: Column, effect: Effect) -> str:
    goes = "rises" if effect.value > 0 else "falls"
    first = f"{shown(b.name)} {goes} as {shown(a.name)} rises"
    if part_of(b) == "date" and part_of(a) != "date":
        first = f"{shown(a.name)} {goes} as {shown(b.name)} goes on"
    elif part_of(a) == "date":
        first = f"{shown(b.name)} {goes} as {shown(a.name)} goes on"
    judgement = judged(SCALES["correlation"], effect.value, effect.low, effect.high, "relation")
    low, high = effect.low or 0.0, effect.high or 0.0
    figures = (
        f"ank correlation {hundredths(effect.value)} (95 % interval {hundredths(low)} to {hundredths(high)})"
    )
    return f"R{figures}. {judgement}" if low <= 0 <= high else f"{first}: r{figures}. {judgement}"


def _bent(effects: Sequence[Effect]) -> tuple[str, ...]:
    if len(effects) == 2 and abs(effects[0].value) - abs(effects[1].value) > 0.1:
        return (
            "The ranks go together more closely than the numbers: the relation is not a straight line, or "
            "outliers hide it. Look at the chart.",
        )
    if len(effects) == 2 and abs(effects[1].value) - abs(effects[0].value) > 0.1:
        return ("A few outlying rows may make most of Pearson’s correlation. Look at the chart.",)
    return ()


def _in_time(over_time: bool) -> tuple[str, ...]:
    if not over_time:
        return ()
    return (
        "A rise and fall within the time, such as seasons, does not show in this figure. Look at the chart.",
    )
