"""What is learned once of a model's training rows to compare new ones with them; kept while the model is."""

import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from beanft.engine.learning.serving.doors import Doors
from beanft.engine.learning.uncertainty.background import Background, open_background
from beanft.engine.learning.uncertainty.familiar import Familiar, learn

if TYPE_CHECKING:  # loads scikit-learn, which the model itself does when it is opened
    from beanft.engine.learning.search.coding import Coded

Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Training rows as a model sees them."""

    background: Background
    """The rows."""
    coded: "Coded"
    """The same as arrays."""
    familiar: Familiar
    """What is usual among them."""


class PerModel(Generic[Value]):
    """Remembers one value for each model in memory; it goes when the model goes.

    Parameters
    ----------
    make : callable
        (model, folder, key of its run) -> value, or None when there is nothing to remember yet.
    """

    def __init__(self, make: Callable[[Mapping[str, Any], Path, str], Value | None]) -> None:
        self._make = make
        self._kept: dict[int, tuple[weakref.ref[Any], Path, Value]] = {}
        self._doors = Doors()

    def of(self, model: Mapping[str, Any], folder: Path, key: str = "") -> Value | None:
        """Give the value of a model, made when it is asked for first."""
        bag = model["estimator"]
        number = id(bag)  # a bag holds arrays, so it has no hash
        found = self._kept.get(number)
        if found is not None and found[0]() is bag and found[1] == folder:
            return found[2]
        with self._doors.through(number):  # two requests for a cold model make it once
            found = self._kept.get(number)
            if found is not None and found[0]() is bag and found[1] == folder:
                return found[2]
            made = self._make(model, folder, key)
            if made is not None:
                gone = weakref.ref(bag, lambda _: self._kept.pop(number, None))
                self._kept[number] = (gone, folder, made)
            return made


def _compared(model: Mapping[str, Any], folder: Path, key: str) -> Compared | None:  # noqa: ARG001  # as all
    background = open_background(folder)
    names = [column["name"] for column in model["schema"]]
    if background is None or not len(background.X) or not set(names) <= set(background.X):
        return None
    X = background.X[names]
    coded = model["estimator"].code(X)
    return Compared(
        background=background, coded=coded, familiar=learn(coded, X.isna().sum(axis=1).to_numpy())
    )


_COMPARED = PerModel(_compared)


def compared_of(model: Mapping[str, Any], folder: Path | None) -> Compared | None:
    """Give the training rows that a model's rows are compared with.

    Parameters
    ----------
    model : mapping
        What a model file holds.
    folder : Path or None
        The experiment's folder.

    Returns
    -------
    Compared or None
        None where none are kept.
    """
    return None if folder is None else _COMPARED.of(model, folder)
