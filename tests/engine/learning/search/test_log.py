"""What the log of a search says of a run that ended."""

from typing import Any

from beanft.engine.learning.search.saying import ended


def said(**facts: Any) -> str:
    return ended({"title": "Ridge regression", "error": None} | facts, "RMSE")


def test_seconds_of_folds_side_by_side_are_called_computing():
    told = said(state="ready", seconds=9.31, interval={"value": 0.25}, mean=0.25)
    assert told == "Ridge regression scored RMSE 0.250 in 9.3 s of computing."


def test_a_stopped_run_is_named_once():
    stopped = said(state="cancelled", error="Stopped after 4 of 8 folds: the time was spent.")
    assert stopped == "Ridge regression: stopped after 4 of 8 folds: the time was spent."
    assert said(state="failed", error="Ridge regression failed. Why.") == "Ridge regression failed. Why."
