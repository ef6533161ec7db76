"""Predictions of a process are worked out one after the other, as the interpreter would do anyway."""

import threading
from collections.abc import Callable, Iterable
from typing import Any

_PATIENCE_S = 0.25  # then a request goes ahead beside the slow one before it
_OURS = ("/api/", "/predictions")


class Turns:
    """Lets requests for predictions in by turns.

    Threads that only compute take the interpreter from each other: sixteen of them changed places 180 times
    a request, which cost more than a third of the processor's time (`benchmarks/predict.py`).

    Parameters
    ----------
    application : callable
        The site, as WSGI has it.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application
        self._turn = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request; one for predictions when it is its turn, or when it has waited long enough."""
        path = environ.get("PATH_INFO", "")
        if not path.startswith(_OURS[0]) or not path.endswith(_OURS[1]):
            return self._application(environ, start_response)
        has_turn = self._turn.acquire(timeout=_PATIENCE_S)
        try:
            return self._application(environ, start_response)
        finally:
            if has_turn:
                self._turn.release()
