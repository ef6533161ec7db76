"""Checks after a training."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from beanft.engine.checks.training import drifted, jump, too_good, wide_interval
from beanft.engine.checks.training.look import look_after
from beanft.engine.checks.training.outcome import Outcome, Scored
from engine.checks.training.tables import asked, clean, with_leak


def _scored(value: float, width: float = 0.02) -> Scored:
    return Scored(value=value, low=value - width / 2, high=value + width / 2)


def _outcome(**values: Any) -> Outcome:
    given: dict[str, Any] = {
        "metric": "roc_auc",
        "title": "Gradient boosting",
        "folds": _scored(0.8),
        "holdout": _scored(0.8, 0.04),
        "baseline": _scored(0.5, 0.0),
    }
    return Outcome(**(given | values))


def test_an_ordinary_end_raises_nothing() -> None:
    assert look_after(asked(clean(1)), _outcome()) == ()
    bare = _outcome(folds=None, holdout=None, baseline=None)
    assert look_after(asked(clean(1)), bare) == ()


def test_a_fall_on_the_locked_rows_is_a_warning_and_a_rise_a_note() -> None:
    (found,) = jump.find(asked(clean(1)), _outcome(holdout=_scored(0.7, 0.04)))
    assert (found.severity, found.code) == ("warning", "score-jump")
    assert "0.7 (95 % interval 0.68 to 0.72) on the locked rows" in found.sentence
    (found,) = jump.find(asked(clean(1)), _outcome(holdout=_scored(0.9, 0.04)))
    assert found.severity == "note"
    errors = {"metric": "rmse", "folds": _scored(3.0, 0.1)}
    (found,) = jump.find(asked(clean(1, "regression")), _outcome(**errors, holdout=_scored(4.0, 0.2)))
    assert found.severity == "warning"


def test_too_good_names_the_column_that_it_leans_on() -> None:
    perfect = _outcome(holdout=_scored(0.999, 0.002))
    (found,) = too_good.find(asked(with_leak(1, "binary")), perfect)
    assert (found.severity, found.columns) == ("warning", ("leak",))
    (found,) = too_good.find(asked(clean(1)), perfect)
    assert found.severity == "note"
    assert list(too_good.find(asked(clean(1)), _outcome(holdout=_scored(0.999, 0.1)))) == []


def test_a_gain_smaller_than_its_interval_is_told() -> None:
    (found,) = wide_interval.find(asked(clean(1)), _outcome(holdout=_scored(0.55, 0.2)))
    assert found.figure == pytest.approx(4)


def test_locked_rows_that_differ_are_named() -> None:
    table = clean(2, "binary", 500)
    question = asked(table)
    assert list(drifted.find(question)) == []
    table.loc[question.holdout, "x1"] += 3
    (found,) = drifted.find(asked(table))
    assert (found.severity, found.columns[0]) == ("warning", "x1")
    (found,) = drifted.find(asked(table, by="time", column="day", order=np.arange(500)))
    assert found.severity == "note"


def test_locked_rows_that_were_not_compared_are_told() -> None:
    (few,) = look_after(asked(clean(1, "binary", 100)), _outcome())
    assert (few.code, few.severity) == ("locked-unchecked", "note")
    assert few.sentence.startswith("20 locked rows are too few to tell whether the locked rows differ from")
    (late,) = look_after(asked(clean(1)), _outcome(), limit_s=-1)
    assert late.sentence.startswith("Time was too short to tell whether the locked rows differ from")


def test_what_runs_with_the_time_is_no_news_where_rows_are_cut_by_time() -> None:
    table = clean(2, "binary", 500)
    dates, numbers = pd.date_range("2020-01-01", periods=500), np.arange(500)
    table = table.assign(day=dates, paid=dates + pd.Timedelta(days=3), number=numbers, year=numbers // 25)
    # The latest rows are the locked ones.
    by_time = replace(
        asked(table, by="time", column="day", order=numbers), train=numbers[:400], holdout=numbers[400:]
    )
    assert list(drifted.find(by_time)) == []
    table.loc[numbers[400:], "x1"] += 3
    (found,) = drifted.find(replace(by_time, X=by_time.X.assign(x1=table["x1"])))
    assert found.columns == ("x1",)
