"""Chores of the worker."""

from __future__ import annotations

import threading

import pytest
from flask import Flask, current_app

from beanft.jobs import chores


def test_a_chore_that_fails_does_not_stop_the_others(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    stopping, done = threading.Event(), []

    def broken() -> None:
        raise RuntimeError("broom")

    def last() -> None:
        done.append(current_app.config["BEANFT"].instance)
        stopping.set()

    monkeypatch.setattr(chores, "_CHORES", [broken, last])
    chores.do_for_ever(app, stopping)
    assert done == [app.config["BEANFT"].instance]
