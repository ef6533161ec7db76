"""Experiments that are ready, with evidence and models that nothing had to be trained for."""

from __future__ import annotations

from typing import Any

import numpy as np

from beanft import storage
from beanft.engine.learning.evidence import Evidence
from beanft.engine.learning.metrics import METRIC
from beanft.extensions import db
from beanft.models import Dataset, Experiment, Run, TrainedModel, User
from factories import make_dataset
from train.stage import ask, run_facts

N_DEV, N_LOCKED = 160, 40


def sales_csv(n_rows: int = N_DEV + N_LOCKED) -> str:
    """A number, a word, a day, a class of two and a number to predict."""
    lines = ["size,town,day,paid,price"]
    for n in range(n_rows):
        town = ("north", "south", "east")[n % 3]
        lines.append(f"{n % 17}.5,{town},2024-{1 + n % 12:02d}-03,{'yes' if n % 2 else 'no'},{n * 1.5:.1f}")
    return "\n".join(lines) + "\n"


def sales(owner: User, **values: Any) -> Dataset:
    """A dataset of alice's with 200 rows."""
    return make_dataset(owner, **({"name": "sales", "csv": sales_csv()} | values))


def ready(
    owner: User, dataset: Dataset, noise: dict[str, float], *, opened: tuple[str, ...] = (), **choices: Any
) -> Experiment:
    """An experiment that is done; `noise` says how bad each of its runs is.

    Runs named in `opened` have predictions of the locked rows, too.
    """
    is_number = choices.get("task") == "regression"
    asked: dict[str, Any] = {
        "target": "price" if is_number else "paid",
        "features": ["size", "town", "day"],
        "metric": "rmse" if is_number else "roc_auc",
        "learners": list(noise),
    }
    experiment = ask(owner, dataset, **(asked | choices))
    assert experiment.job is not None
    experiment.job.state = "ready"
    split = {"n_train": N_DEV, "n_holdout": N_LOCKED, "stratified": True, "seed": 0, "by": "", "column": ""}
    experiment.result_json = {
        "split": split | {"hash": "ab" * 32, "n_folds": 5, "n_repeats": 1},
        "notes": ["12 rows without a target were left out."],
        "verdict": {"code": "better", "sentence": "Better than guessing."},
        "cut_short": False,
    }
    evidence = save_evidence(experiment)
    for place, (key, spread) in enumerate(noise.items()):
        _run(experiment, evidence, key, spread, seed=place, opened=key in opened)
    db.session.commit()
    return experiment


def save_evidence(experiment: Experiment) -> Evidence:
    """The rows of an experiment; its seed says which are locked away."""
    order = np.random.default_rng(experiment.seed).permutation(N_DEV + N_LOCKED)
    rows, locked = np.sort(order[:N_DEV]), np.sort(order[N_DEV:])
    is_number = experiment.task == "regression"

    def truth(of: np.ndarray) -> np.ndarray:
        return of * 1.5 if is_number else of % 2

    evidence = Evidence(
        folder=storage.make_folder(experiment.key),
        task=experiment.task,
        target=experiment.target,
        metric=experiment.metric,
        labels=() if is_number else ("no", "yes"),
        features=tuple(experiment.features),
        by="",
        seed=experiment.seed,
        rows=rows,
        rows_holdout=locked,
        y=truth(rows),
        y_holdout=truth(locked),
        order=None,
        order_holdout=None,
        fold=np.arange(N_DEV) % 5,
    )
    evidence.save()
    return evidence


def said(y: np.ndarray, task: str, spread: float, seed: int) -> np.ndarray:
    """Predictions that are off by some noise."""
    drawn = np.random.default_rng(seed).normal(size=len(y)) * spread
    if task == "regression":
        return y + 50 * drawn
    chance = np.clip(y + drawn, 0.01, 0.99)
    return np.stack([1 - chance, chance], axis=1)


def _run(
    experiment: Experiment, evidence: Evidence, key: str, spread: float, *, seed: int, opened: bool
) -> None:
    task, metric = experiment.task, METRIC[experiment.metric]
    predicted = said(evidence.y, task, spread, seed)
    evidence.save_oof(key, predicted)
    if opened:
        evidence.save_holdout(key, said(evidence.y_holdout, task, spread, seed))
    value = metric.of(evidence.y, predicted)
    facts = run_facts(
        key,
        [value, value, value],
        task=task,
        metric=metric.key,
        metrics={metric.key: {"mean": value, "sd": 0.01}},
        sd=0.01,
        settings={"depth": 3 + seed, "rate": 0.1},
        interval={"value": value, "low": value - 0.05, "high": value + 0.05},
        memory_mb=120,
    )
    file = f"{key}.joblib"
    (evidence.folder / file).write_bytes(b"x" * (1000 + seed))
    run = Run(key=key, learner=key, title=facts["title"], state="ready", facts=facts, seconds=1.5 + seed)
    run.model = TrainedModel(
        owner_id=experiment.owner_id,
        file=file,
        sha256=f"{seed}" * 64,
        schema_json={"columns": COLUMNS, "labels": list(evidence.labels)},
        report_json={},
        role="final" if seed == 0 else "",
    )
    experiment.runs.append(run)


COLUMNS: list[dict[str, Any]] = [
    {"name": "size", "kind": "number", "minimum": 0.5, "maximum": 16.5, "choices": [], "missing": False},
    {
        "name": "town",
        "kind": "category",
        "choices": ["east", "north", "south"],
        "n_choices": 3,
        "missing": True,
    },
    {"name": "day", "kind": "date", "minimum": "2024-01-03", "maximum": "2024-12-03", "missing": False},
]


def model_ids(experiment: Experiment) -> list[int]:
    """Numbers of its models, in the order of its runs."""
    return [run.model.id for run in experiment.runs if run.model]
