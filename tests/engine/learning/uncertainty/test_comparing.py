"""What is remembered of a model: made once for each, and no model waits for another."""

import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from beanft.engine.learning.uncertainty.comparing import PerModel

_PLACE = Path("x")
_LIMIT_S = 20.0


class _Bag:
    """Stands for an estimator."""


def test_a_model_does_not_wait_while_another_is_made() -> None:
    slow, quick = {"estimator": _Bag()}, {"estimator": _Bag()}
    begun, answered = threading.Event(), threading.Event()

    def make(model: Any, *_: Any) -> str:
        if model is quick:
            return "quick"
        begun.set()
        return "slow" if answered.wait(_LIMIT_S) else "it was waited for"

    remembered = PerModel(make)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(remembered.of, slow, _PLACE)
        assert begun.wait(_LIMIT_S)
        second = pool.submit(remembered.of, quick, _PLACE)
        assert second.result(_LIMIT_S / 2) == "quick"
        answered.set()
        assert first.result(_LIMIT_S) == "slow"


def test_it_is_made_once_and_goes_with_its_model() -> None:
    made: list[int] = []
    together = threading.Barrier(4)
    remembered: PerModel[int] = PerModel(lambda *_: made.append(1) or len(made))
    model = {"estimator": _Bag()}

    def ask(asked: dict[str, _Bag]) -> int | None:
        together.wait(_LIMIT_S)
        return remembered.of(asked, _PLACE)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, [model] * 4)) == [1] * 4
    assert remembered.of(model, Path("y")) == 2
    del model
    gc.collect()
    assert remembered._kept == {}
