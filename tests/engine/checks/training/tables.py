"""Tables for the checks around a training: clean ones, and clean ones with one thing planted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from beanft.engine.checks.training.asked import Asked
from beanft.engine.tables.columns import Column, Profile

TASKS = ("binary", "several", "regression")


def profile_of(table: pd.DataFrame, kinds: dict[str, str] | None = None) -> Profile:
    """What a profile says of the kinds of columns."""
    return Profile(
        n_rows=len(table),
        columns=tuple(_column(table[name], (kinds or {}).get(name, "")) for name in table),
    )


def _column(values: pd.Series, kind: str) -> Column:
    if pd.api.types.is_datetime64_any_dtype(values):
        found, stored = "date", "TIMESTAMP"
    elif pd.api.types.is_numeric_dtype(values):
        found, stored = "number", "DOUBLE"
    else:
        found, stored = "category", "VARCHAR"
    return Column(
        name=str(values.name),
        kind=kind or found,
        stored=stored,
        n_missing=int(values.isna().sum()),
        n_distinct=int(values.nunique()),
    )


def asked(
    table: pd.DataFrame, target: str = "y", *, seed: int = 0, others: Sequence[str] = (), **values: Any
) -> Asked:
    """The question of a table, every fifth row locked at random."""
    y, labels = table[target], tuple[str, ...]()
    numbers = y.to_numpy(copy=True)
    if not pd.api.types.is_float_dtype(y):
        numbers, classes = pd.factorize(y, sort=True)
        labels = tuple(str(label) for label in classes)
    drawn = np.random.default_rng(seed).permutation(len(table))
    n = len(table) // 5
    given: dict[str, Any] = {
        "X": table.drop(columns=[target, *others]),
        "y": numbers,
        "labels": labels,
        "task": "classification" if labels else "regression",
        "target": target,
        "profile": profile_of(table),
        "train": np.sort(drawn[n:]),
        "holdout": np.sort(drawn[:n]),
        "others": table[list(others)] if others else None,
        "seed": seed,
    }
    return Asked(**(given | values))


def to_target(signal: np.ndarray, task: str) -> np.ndarray:
    """A number as the target of a task."""
    if task == "regression":
        return signal
    if task == "binary":
        return np.where(signal > np.median(signal), "yes", "no")
    return np.array(["a", "b", "c", "d"])[np.digitize(signal, np.quantile(signal, [0.25, 0.5, 0.75]))]


def clean(seed: int, task: str = "binary", n_rows: int = 400) -> pd.DataFrame:
    """Several honest columns of each kind, none of which tells the target alone."""
    random = np.random.default_rng(seed)
    n_numbers = int(random.integers(3, 10))
    table = pd.DataFrame({f"x{i}": random.normal(size=n_rows) for i in range(n_numbers)})
    weights = random.uniform(0.4, 1, n_numbers) * random.choice([-1, 1], n_numbers)
    cities = [f"city {i}" for i in range(int(random.integers(3, 25)))]
    effects = dict(zip(cities, 0.6 * random.normal(size=len(cities)), strict=True))
    table["city"] = random.choice(cities, n_rows)
    table["age"] = random.integers(18, 90, n_rows)
    days = pd.to_timedelta(random.integers(0, 700, n_rows), unit="D")
    table["day"] = pd.Timestamp(2023, 1, 1) + days
    signal = table.to_numpy()[:, :n_numbers].astype(float) @ weights
    signal = signal + table["city"].map(effects).to_numpy(dtype=float)
    signal = signal + random.uniform(0.5, 1.5) * random.normal(size=n_rows)
    table.loc[random.random(n_rows) < 0.1, "x0"] = np.nan
    table["y"] = to_target(signal, task)
    return table


def numbers_of(table: pd.DataFrame) -> np.ndarray:
    """The target as numbers with spread 1."""
    y = table["y"]
    numbers = y.to_numpy() if pd.api.types.is_float_dtype(y) else pd.factorize(y, sort=True)[0]
    scaled: np.ndarray = (numbers - numbers.mean()) / numbers.std()
    return scaled


def with_leak(seed: int, task: str, n_rows: int = 600) -> pd.DataFrame:
    """A column that is the target with a little noise."""
    table = clean(seed, task, n_rows)
    noise = np.random.default_rng(seed + 1).normal(size=n_rows)
    return table.assign(leak=3 * numbers_of(table) + (0.2 if task == "several" else 0.4) * noise)


def with_copies(seed: int, task: str, n_rows: int = 600) -> pd.DataFrame:
    """A fifth of the rows once more."""
    table = clean(seed, task, n_rows)
    return pd.concat([table, table.sample(n_rows // 5, random_state=seed)], ignore_index=True)


def with_patients(seed: int, task: str, n_rows: int = 1_000) -> pd.DataFrame:
    """Eight rows of each patient, whose height and weight give them away."""
    random, table = np.random.default_rng(seed + 1), clean(seed, task, n_rows)
    patient = random.integers(0, n_rows // 8, n_rows)
    body = random.normal(size=(n_rows // 8, 3))
    table = table.assign(patient=patient, height=body[patient, 0], weight=body[patient, 1])
    signal = 2 * body[patient, 2] + 0.7 * table["x1"].to_numpy() + 0.7 * random.normal(size=n_rows)
    return table.assign(y=to_target(signal, task))


def with_times(seed: int, task: str, n_rows: int = 1_000) -> pd.DataFrame:
    """A target that wanders with the day, the rows shuffled."""
    random, table = np.random.default_rng(seed + 1), clean(seed, task, n_rows)
    day = random.integers(0, 700, n_rows)
    walk = np.cumsum(random.normal(size=700))
    walk = (walk - walk.mean()) / walk.std()
    signal = 2 * walk[day] + 0.5 * table["x1"].to_numpy() + 0.7 * random.normal(size=n_rows)
    table["day"] = pd.Timestamp(2023, 1, 1) + pd.to_timedelta(day, unit="D")
    return table.assign(y=to_target(signal, task))
