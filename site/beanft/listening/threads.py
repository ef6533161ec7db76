"""The threads in which the site answers."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Threads(Executor):
    """So many threads; unlike those of a ThreadPoolExecutor they do not keep the process from ending.

    Parameters
    ----------
    n : int
        How many calls run at the same time; further ones wait.
    """

    def __init__(self, n: int) -> None:
        self._calls: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = queue.SimpleQueue()
        for _ in range(n):
            threading.Thread(target=self._work, name="answers", daemon=True).start()

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Call it in one of the threads, soon."""
        future: Future[_T] = Future()
        self._calls.put((future, lambda: fn(*args, **kwargs)))
        return future

    def _work(self) -> None:
        while True:
            future, call = self._calls.get()
            if future.set_running_or_notify_cancel():
                _run(future, call)
            del future, call  # nothing of an answer is kept until the next one


def _run(future: Future[Any], call: Callable[[], Any]) -> None:
    try:
        result = call()
    except StopIteration as error:  # which no future of asyncio takes
        future.set_exception(RuntimeError(repr(error)))
    except BaseException as error:  # whoever waits for the future gets it
        future.set_exception(error)
    else:
        future.set_result(result)
