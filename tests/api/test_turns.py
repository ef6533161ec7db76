"""Predictions come by turns; everything else, and whoever waited long, goes ahead."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from beanft.api import turns
from waiting import wait_for

OURS = "/api/v1/models/1/predictions"


class Site:
    """Counts how many requests are in it at a time; each stays until it is let go."""

    def __init__(self) -> None:
        self.inside = self.most = 0
        self.gone = threading.Event()
        self._lock = threading.Lock()

    def __call__(self, _environ: dict[str, Any], _start: Any) -> list[bytes]:
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.gone.wait(10)
        with self._lock:
            self.inside -= 1
        return [b""]


def _ask(site: turns.Turns, paths: list[str]) -> list[threading.Thread]:
    threads = [threading.Thread(target=site, args=({"PATH_INFO": path}, None)) for path in paths]
    for thread in threads:
        thread.start()
    return threads


def test_predictions_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_PATIENCE_S", 10)
    site = Site()
    threads = _ask(turns.Turns(site), [OURS] * 4)
    wait_for(lambda: site.inside == 1, within_s=10)
    site.gone.set()
    for thread in threads:
        thread.join(10)
    assert (site.most, site.inside) == (1, 0)


def test_other_requests_do_not_wait() -> None:
    site = Site()
    threads = _ask(turns.Turns(site), [OURS, "/datasets", "/api/v1/models", "/models/1/predictions"])
    wait_for(lambda: site.inside == 4, within_s=10)
    site.gone.set()
    for thread in threads:
        thread.join(10)


def test_nobody_waits_long_for_a_slow_one() -> None:
    site = Site()
    threads = _ask(turns.Turns(site), [OURS] * 3)
    wait_for(lambda: site.inside == 3, within_s=10)
    site.gone.set()
    for thread in threads:
        thread.join(10)


def test_a_turn_ends_with_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_PATIENCE_S", 10)

    def broken(_environ: dict[str, Any], _start: Any) -> list[bytes]:
        raise ZeroDivisionError

    door = turns.Turns(broken)
    for _ in range(2):  # the second would wait for ten seconds and more
        with pytest.raises(ZeroDivisionError):
            door({"PATH_INFO": OURS}, None)
    assert not door._turn.locked()
