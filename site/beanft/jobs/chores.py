"""What workers do once an hour beside their jobs; whoever needs it registers it."""

import logging
import threading
from collections.abc import Callable

from flask import Flask

EVERY_S = 3600.0
"""Pause between two rounds."""

Chore = Callable[[], None]

_CHORES: list[Chore] = []
_log = logging.getLogger(__name__)


def register_chore(chore: Chore) -> None:
    """Have something done by each worker, at its start and then every hour; it runs within an app context."""
    _CHORES.append(chore)


def do_for_ever(app: Flask, stopping: threading.Event) -> None:
    """Do the chores until the worker stops; one that fails is logged, and tried again at the next round."""
    while not stopping.is_set():
        for chore in _CHORES:
            try:
                with app.app_context():
                    chore()
            except Exception:
                _log.exception("a chore failed")
        stopping.wait(EVERY_S)
