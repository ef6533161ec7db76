"""What an explanation works with: the model, its evidence, and rows of the table in their own columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from beanft.engine.errors import EngineError
from beanft.engine.learning import files
from beanft.engine.learning.evidence import Evidence, open_evidence, read_rows
from beanft.engine.learning.explaining.cases import Threshold, told
from beanft.engine.learning.explaining.function import Predict, number_of, plain_value
from beanft.engine.learning.predict import applies
from beanft.engine.learning.serving.rows import predict_rows
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.wording import shown


@dataclass(frozen=True, kw_only=True)
class Material:
    """A trained model with the rows it can be asked about."""

    predict: Predict
    """The model."""
    kinds: Mapping[str, str]
    """Kind of each column it takes (number, category, boolean, date, text), in their order."""
    labels: tuple[str, ...]
    """Classes; empty for regression."""
    key: str
    """Key of its run."""
    all_rows: bool
    """Whether it learned from the locked rows, too, after it was judged."""
    evidence: Evidence
    """Rows, truth and unseen predictions."""
    table: Path
    """The version's Parquet file."""
    profile: Profile
    """Its profile."""
    threshold: Threshold | None = None
    """From which probability a row counts as a class, where the model's owner chose that."""

    @property
    def columns(self) -> list[str]:
        """Names of the columns it takes."""
        return list(self.kinds)

    @property
    def opened(self) -> bool:
        """Whether the locked rows were opened for this model, so that their truth may be used."""
        return self.evidence.holdout(self.key) is not None

    def read(self, rows: np.ndarray) -> pd.DataFrame:
        """Read rows by their numbers in the table."""
        return read_rows(self.table, self.profile, self.columns, np.asarray(rows, dtype=np.int64))

    def values_of(self, row: int) -> dict[str, str | int | float | None]:
        """Read one row by its number in the table, as plain values by column."""
        frame = self.read(np.array([row]))
        return {name: plain_value(frame[name].iloc[0]) for name in self.columns}

    def drawn(self, n: int) -> np.ndarray:
        """Positions of development rows in random order, at most `n`; the first ones of a longer draw."""
        return np.random.default_rng(self.evidence.seed).permutation(len(self.evidence.rows))[:n]

    def sample(self, n: int) -> pd.DataFrame:
        """Read up to `n` development rows in random order."""
        return self.read(self.evidence.rows[self.drawn(n)])

    def number(self, label: str | None) -> Predict:
        """Give the model as one number a row: the probability of a class, or the number."""
        return number_of(self.predict, self.place(label))

    def place(self, label: str | None) -> int | None:
        """The place of a class, None for regression; by default of the second of two, else the most frequent.

        Raises
        ------
        EngineError
            When there is no such class.
        """
        if not self.labels:
            return None
        if label is None and len(self.labels) <= 2:
            return len(self.labels) - 1
        if label is None:
            return int(np.bincount(self.evidence.y.astype(np.int64)).argmax())
        if label not in self.labels:
            raise EngineError(f"The model knows no class {shown(label)}.")
        return self.labels.index(label)

    def known_of(self, row: int) -> dict[str, Any]:
        """Tell what the experiment knows of a row of the table.

        Parameters
        ----------
        row : int
            Its number in the table, from 0.

        Returns
        -------
        dict
            place: development, locked or outside; truth, or None where it is not known or stays locked;
            predicted and chance: what was said of it while it was unseen, or None.
        """
        found: dict[str, Any] = {"place": "outside", "truth": None, "predicted": None, "chance": None}
        at = np.flatnonzero(self.evidence.rows == row)
        if len(at):
            return found | {"place": "development"} | self.unseen(at)[0]
        locked = np.flatnonzero(self.evidence.rows_holdout == row)
        if not len(locked):
            return found
        said = self.evidence.holdout(self.key)
        if said is None:
            return found | {"place": "locked", "all_rows": self.all_rows}
        return {"place": "locked", "all_rows": self.all_rows} | told(
            self.evidence, said[locked[0]], self.evidence.y_holdout[locked[0]], self.threshold
        )

    def unseen(self, places: np.ndarray) -> list[dict[str, Any]]:
        """Tell truth, predicted and chance of development rows by their positions; None where not tested."""
        try:
            said = self.evidence.oof(self.key)
        except EngineError:  # a run may have left none; the truth is known all the same
            said = np.zeros((0, max(1, len(self.labels))))
        at = {int(place): i for i, place in enumerate(self.evidence.tested[: len(said)])}
        found = []
        for place in places.tolist():
            y = self.evidence.y[place]
            empty = np.zeros(len(self.labels)) if self.labels else 0.0
            facts = told(self.evidence, said[at[place]] if place in at else empty, y, self.threshold)
            found.append(facts if place in at else facts | {"predicted": None, "chance": None})
        return found


def open_material(
    *,
    table: str,
    profile: Mapping[str, Any],
    folder: str,
    file: str,
    sha256: str,
    key: str,
    threshold: Threshold | None = None,
) -> Material:
    """Open a model with its evidence.

    Parameters
    ----------
    table : str
        The version's Parquet file.
    profile : mapping
        Its profile as JSON.
    folder : str
        The experiment's folder.
    file, sha256 : str
        Name of the model's file in it, and its digest.
    key : str
        Key of the run.
    threshold : mapping, optional
        threshold and positive, as the model's owner chose them; left aside where it is of other classes.

    Returns
    -------
    Material

    Raises
    ------
    EngineError
        A file is missing or damaged.
    """
    model = files.load(Path(folder) / file, sha256)
    return Material(
        predict=lambda X: predict_rows(model, X),
        kinds={column["name"]: column["kind"] for column in model["schema"]},
        labels=tuple(model["labels"]),
        key=key,
        all_rows=bool(model.get("all_rows")),
        evidence=open_evidence(Path(folder)),
        table=Path(table),
        profile=Profile.from_dict(profile),
        threshold=threshold if threshold and applies(threshold, model["labels"]) else None,
    )
