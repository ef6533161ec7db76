"""Jinja filters: number, figure, score, size, ago; and icon(), which inlines one of our SVG files."""

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import humanize
from flask import Flask
from markupsafe import Markup, escape

from beanft.engine.charts.words import ranges_in_words
from beanft.engine.plain import percent as plain_percent
from beanft.engine.plain import plain, written
from beanft.engine.tables.wording import bytes_in_words, is_year
from beanft.models.types import now

_ICONS = Path(__file__).parent / "static" / "icons"
_NONE = "–"
_DIGITS = 6


def init_app(app: Flask) -> None:
    """Make the filters known to the templates."""
    app.jinja_env.filters.update(
        number=number,
        figure=figure,
        score=score,
        plus_minus=plus_minus,
        size=size,
        ago=ago,
        percent=percent,
        ranges_in_words=ranges_in_words,
        duration=duration,
    )
    app.jinja_env.globals.update(icon=icon)


def number(value: Any) -> str:
    """Write a number with six significant digits or all before the point, and separators from four digits on.

    >>> number(1234567), number(0.123456789), number(2736.26), number(1234567.8), number(None)
    ('1,234,567', '0.123457', '2,736.26', '1,234,568', '–')
    """
    if value is None:
        return _NONE
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return str(value)
    return plain(value, _DIGITS)


def figure(value: Any, name: str) -> str:
    """Write a figure of the column of a name as `number` does, but years as people write them.

    >>> figure(2009, "Baujahr"), figure(2009, "price"), figure("2009-05-01", "year")
    ('2009', '2,009', '2009-05-01')
    """
    if isinstance(value, (int, float)) and is_year(name, value):
        return f"{value:.6g}"
    return number(value)


def score(value: float | None) -> str:
    """Write a score with three significant digits.

    >>> score(0.98765), score(1234.5), score(-0.02), score(0.0), score(None)
    ('0.988', '1,230', '−0.0200', '0.000', '–')
    """
    return _NONE if value is None else written(value)


def plus_minus(mean: float | None, spread: float | None) -> str:
    """Write mean and spread with the same number of decimals.

    >>> plus_minus(0.98333, 0.0228), plus_minus(53.21, 4.567), plus_minus(None, None)
    ('0.983 ± 0.023', '53.2 ± 4.6', '–')
    """
    if mean is None or spread is None:
        return score(mean)
    largest = max(abs(mean), spread)
    if not 0.001 <= largest < 1000:
        return f"{score(mean)} ± {score(spread)}"
    decimals = len(score(largest).partition(".")[2])
    return f"{mean:.{decimals}f} ± {spread:.{decimals}f}".replace("-", "−")


def percent(share: float | None) -> str:
    """Write a share of 0..1 as a percentage.

    >>> percent(0.1234), percent(1.0), percent(None)
    ('12.3 %', '100 %', '–')
    """
    return plain_percent(share)


def size(n_bytes: int | None) -> str:
    """Write a number of bytes for people.

    >>> size(1_500_000), size(114), size(1), size(None)
    ('1.5 MB', '114 bytes', '1 byte', '–')
    """
    return _NONE if n_bytes is None else bytes_in_words(n_bytes)


def duration(seconds: float | None) -> str:
    """Write a duration in its two largest units.

    >>> duration(0.034), duration(4.56), duration(125), duration(7300)
    ('0.03 s', '4.6 s', '2 min 5 s', '2 h 1 min')
    """
    if seconds is None:
        return _NONE
    if seconds < 60:
        return f"{seconds:.2f} s" if seconds < 1 else f"{seconds:.1f} s"
    whole = int(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def ago(moment: datetime | None) -> Markup:
    """Write a moment relative to now, with the absolute time in UTC on hover and for machines."""
    if moment is None:
        return escape(_NONE)
    words = humanize.naturaltime(now() - moment)
    absolute = moment.strftime("%Y-%m-%d %H:%M UTC")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(moment.isoformat(), absolute, words)


@lru_cache
def icon(name: str) -> Markup:
    """Inline one icon; it stands beside words, so screen readers pass over it."""
    svg = (_ICONS / f"{name}.svg").read_text(encoding="utf-8")
    return Markup(svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1))  # noqa: S704  # our own file
