"""The pictures of an explanation by their names in addresses."""

from collections.abc import Mapping
from typing import Any

from beanft.engine.charts.explanations.contributions import contributions_figure
from beanft.engine.charts.explanations.effects import effect_figure
from beanft.engine.charts.explanations.importances import importances_figure, pairs_figure
from beanft.engine.charts.explanations.surfaces import surface_figure
from beanft.train.explain import words

MOST_BARS = 15
"""Columns that a picture of importances shows; the table beside it has more."""
MOST_SHARES = 14
"""Contributions that a picture shows one by one; smaller ones are put together."""


def figure(name: str, result: Mapping[str, Any]) -> dict[str, Any] | None:
    """One picture as an ECharts option; None where there is no such picture."""
    if name == "importance" and (result.get("importance") or {}).get("columns"):
        return importance_of(result["importance"])
    if name == "pairs" and result.get("pairs"):
        return _pairs(result)
    if name == "surface" and result.get("surface"):
        return surface_figure(result["surface"], words.said(result))
    if name == "contributions" and result.get("shares"):
        return contributions_figure(result["base"], _shares(result), words.said(result))
    return _effect(name, result)


def importance_of(importance: Mapping[str, Any]) -> dict[str, Any]:
    """The importances of columns, and of those that go together, as an ECharts option."""
    parts = [
        (words.part_name(part), part["value"] or 0.0, part["low"], part["high"])
        for part in (*importance["groups"], *importance["columns"])
    ]
    shown = sorted(parts, key=lambda part: -part[1])[:MOST_BARS]
    return importances_figure(shown, words.measure(importance))


def _pairs(result: Mapping[str, Any]) -> dict[str, Any]:
    pairs = [(" and ".join(one["columns"]), one["strength"] or 0.0) for one in result["pairs"]["pairs"]]
    return pairs_figure(pairs, words.unit(result))


def _shares(result: Mapping[str, Any]) -> list[tuple[str, float]]:
    """The largest contributions by name, the smaller ones as one: their sum stays the same."""
    named = [(words.share_name(share, result), share["value"]) for share in result["shares"]]
    if len(named) <= MOST_SHARES:
        return named
    rest = sum(value for _, value in named[MOST_SHARES:])
    return [*named[:MOST_SHARES], (f"{len(named) - MOST_SHARES} smaller ones", rest)]


def _effect(name: str, result: Mapping[str, Any]) -> dict[str, Any] | None:
    """The effect of the overview by its place, “effect-3”; that of a column with “lines” or “centred”."""
    said, single = words.said(result), result.get("effect")
    if single and name in ("lines", "centred"):
        return effect_figure(single, said, lines=True, centred=name == "centred")
    kind, _, place = name.partition("-")
    effects = result.get("effects") or []
    if kind != "effect" or not (place.isascii() and place.isdigit()) or int(place) >= len(effects):
        return None
    return effect_figure(effects[int(place)], said)
