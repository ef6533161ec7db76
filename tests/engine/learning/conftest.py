"""Tables of these tests: scikit-learn's toy sets with gaps planted, ingested as an upload would be."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris

from beanft.engine.learning.search import portfolio
from beanft.engine.learning.train import train
from beanft.engine.progress import Progress
from beanft.engine.tables.read import ingest


@dataclass
class Listener(Progress):
    """Keeps what it is told."""

    calls: list[tuple[float, str]] = field(default_factory=list)
    parts: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, share: float, message: str = "") -> None:
        self.calls.append((share, message))

    def record(self, facts: dict[str, Any]) -> None:
        self.parts.append(facts)

    @property
    def runs(self) -> list[dict[str, Any]]:
        """The newest facts of each run, in the order in which they first came."""
        return list({facts["key"]: facts for facts in self.parts if facts["part"] == "run"}.values())

    @property
    def findings(self) -> list[dict[str, Any]]:
        """What the checks found."""
        told = [facts["findings"] for facts in self.parts if facts["part"] == "findings"]
        return told[-1] if told else []

    def run(self, key: str) -> dict[str, Any]:
        return next(run for run in self.runs if run["key"] == key)


@dataclass
class Trained:
    """A training that ended."""

    result: dict[str, Any]
    listener: Listener
    folder: Path

    def model(self, learner: str) -> dict[str, Any]:
        run = self.listener.run(learner)
        return {"model_file": str(self.folder / run["file"]), "model_sha256": run["sha256"]}


def train_frame(table: pd.DataFrame, folder: Path, target: str, **choices: Any) -> Trained:
    """Write a frame as CSV, ingest it and train on it."""
    source, parquet = folder / "table.csv", folder / "table.parquet"
    table.to_csv(source, index=False)
    kinds, roles = choices.pop("kinds", None) or {}, choices.pop("roles", None) or {}
    wishes: dict[str, Any] = {"columns": {name: {"kind": kind} for name, kind in kinds.items()}}
    for name, spellings in (choices.pop("missing", None) or {}).items():
        wishes["columns"].setdefault(name, {})["missing"] = spellings
    facts = ingest(source=str(source), target=str(parquet), original_name="table.csv", wishes=wishes)
    for column in facts["profile"]["columns"]:
        column["role"] = roles.get(column["name"], "")
    listener = Listener()
    asked: dict[str, Any] = {
        "table_sha256": facts["parquet_sha256"],
        "features": [name for name in table.columns if name != target],
        "task": "classification",
        "learners": ["naive_bayes"],
        "budget_s": 600,
        "n_variations": 0,
        "choices": {"validation": {"folds": 3}},  # quicker than the eight that small tables get
    }
    result = train(
        table=str(parquet),
        profile=facts["profile"],
        target=target,
        folder=str(folder),
        progress=listener,
        **(asked | choices),
    )
    return Trained(result, listener, folder)


@pytest.fixture
def trained(tmp_path: Path) -> Callable[..., Trained]:
    return lambda table, target, **choices: train_frame(table, tmp_path, target, **choices)


def noise(seed: int, n_rows: int = 320) -> pd.DataFrame:
    """Eight columns that know nothing of the label, one of them with a level for nearly every row."""
    random = np.random.default_rng(seed)
    table = pd.DataFrame(random.normal(size=(n_rows, 6)), columns=list("abcdef"))
    table["colour"] = random.choice(["red", "green", "blue"], n_rows)
    table["code"] = [f"c{n}" for n in random.integers(0, n_rows, n_rows)]
    table["label"] = random.choice(["yes", "no"], n_rows)
    return table


@pytest.fixture
def one_each(monkeypatch):
    """Every learner with one of its settings, so that all of them are quick."""
    first = dict(reversed(portfolio._STRONG))
    monkeypatch.setattr(portfolio, "_STRONG", tuple(first.items()))
    monkeypatch.setattr(portfolio, "_LOGARITHMS", ())


def flowers() -> pd.DataFrame:
    """Iris with every kind of column: gaps, city, truth value, date, code, remark, identifier."""
    iris = load_iris(as_frame=True)
    random = np.random.default_rng(0)
    table = iris.data.set_axis(["sepal length", "sepal width", "petal length", "petal width"], axis=1)
    table.loc[::9, "sepal width"] = np.nan
    table["city"] = random.choice(["Bonn", "Köln, Süd", 'the "old" town'], 150)
    table.loc[5:12, "city"] = None
    table["wet"] = random.choice(["yes", "no"], 150)
    table["day"] = random.permutation(pd.date_range("2024-01-01", periods=150).strftime("%Y-%m-%d"))
    table["code"] = [f"k{n}" for n in random.integers(0, 60, 150)]
    table["remark"] = [f"seen near {n % 7} trees by walker {n % 5}" for n in range(150)]
    table["sample"] = [f"S{n:04d}" for n in range(150)]
    table["species"] = iris.target_names[iris.target]
    return table


@pytest.fixture(scope="session")
def flower_models(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Models of the flowers: sums, distances, trees and kernels."""
    learners = ["logistic", "discriminant", "neighbours", "random_forest", "support_vectors"]
    choices = {"validation": {"folds": 5}}
    return train_frame(
        flowers(), tmp_path_factory.mktemp("flowers"), "species", learners=learners, choices=choices
    )


@pytest.fixture
def flower_table() -> pd.DataFrame:
    return flowers()
