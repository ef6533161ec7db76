"""Where a what-if starts: a row of the table that the model was trained on, with what became of it."""

import secrets
from dataclasses import dataclass
from typing import Any

from beanft import storage
from beanft.database import release_locks
from beanft.engine.errors import EngineError
from beanft.engine.learning.checking.writing import as_typed
from beanft.engine.learning.explaining.material import Material, open_material
from beanft.engine.tables.wording import shown
from beanft.filters import number, percent, score
from beanft.models import TrainedModel
from beanft.predict.services import columns_of


@dataclass(frozen=True, kw_only=True)
class Start:
    """A row of the table to start from."""

    row: int
    """Its number, from 1."""
    values: dict[str, str]
    """Its values as they could be typed."""
    sentence: str
    """What is known of it."""


def start_of(*, model: TrainedModel, row: int) -> Start:
    """Read a row of the table, numbered from 1.

    Raises
    ------
    EngineError
        When there is no such row, or files are missing.
    """
    target, n_rows = model.run.experiment.target, n_rows_of(model)
    if not 1 <= row <= n_rows:
        raise EngineError(f"The table has rows 1 to {n_rows:,}; there is no row {row:,}.")
    columns = {column["name"]: column for column in columns_of(model)}
    material = _material(model)
    values = {name: as_typed(value, columns[name]) for name, value in material.values_of(row - 1).items()}
    return Start(row=row, values=values, sentence=known_sentence(material.known_of(row - 1), target))


def any_row(model: TrainedModel) -> int:
    """The number of a row of the table, drawn by chance."""
    return 1 + secrets.randbelow(max(1, n_rows_of(model)))


def n_rows_of(model: TrainedModel) -> int:
    """How many rows the table has."""
    return model.run.experiment.version.n_rows or 0


def known_sentence(known: dict[str, Any], target: str) -> str:
    """Say what became of a row, and whether the model has seen it.

    >>> known_sentence({"place": "outside", "truth": None, "predicted": None, "chance": None}, "y")
    'It took no part in the training.'
    """
    if known["place"] == "outside":
        return "It took no part in the training."
    if known["truth"] is None:
        return "It is one of the locked rows, and its true value was not opened for this model."
    truth = f"In truth its {target} is {_told(known['truth'])}."
    if known["place"] == "locked":
        if known.get("all_rows"):
            return f"{truth} It was locked until the model was judged; then the model learned from it."
        return f"{truth} It is one of the locked rows, which the model never saw."
    if known["predicted"] is None:
        return f"{truth} The model learned from this row."
    chance = f" ({percent(known['chance'])})" if known["chance"] is not None else ""
    return (
        f"{truth} The model learned from this row; while it was unseen, "
        f"{_told(known['predicted'], rough=True)}{chance} was predicted."
    )


def _told(value: Any, *, rough: bool = False) -> str:
    if isinstance(value, str):
        return shown(value, 60)
    return score(value) if rough else number(value)


def _material(model: TrainedModel) -> Material:
    experiment = model.run.experiment
    version, threshold = experiment.version, model.threshold_json
    asked: dict[str, Any] = {
        "table": str(storage.folder(version.key) / "table.parquet"),
        "profile": version.profile.to_dict(),
        "folder": str(storage.folder(experiment.key)),
        "file": model.file,
        "sha256": model.sha256,
        "key": model.run.key,
        "threshold": threshold if threshold and threshold.get("positive") else None,
    }
    release_locks()
    return open_material(**asked)
