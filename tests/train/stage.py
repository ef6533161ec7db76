"""An iris table with one awkward column of each sort, and experiments that are asked of it."""

from __future__ import annotations

from typing import Any

from sklearn.datasets import load_iris

from beanft.models import Dataset, Experiment, Run, User
from beanft.train import services

FEATURES = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
JSON = {"Accept": "application/json"}


def iris_csv() -> str:
    """150 rows: an identifier, four numbers, a column that never changes, a date, the species."""
    iris = load_iris()
    lines = [",".join(["id", *FEATURES, "site", "day", "species"])]
    for n, (values, code) in enumerate(zip(iris.data, iris.target, strict=True)):
        numbers = ",".join(f"{value:.1f}" for value in values)
        lines.append(f"r{n:03d}x,{numbers},north,2024-01-{1 + n % 28:02d},{iris.target_names[code]}")
    return "\n".join(lines) + "\n"


def ask(owner: User, dataset: Dataset, **choices: Any) -> Experiment:
    """An experiment in the queue."""
    version = dataset.current
    assert version is not None
    asked: dict[str, Any] = {
        "target": "species",
        "features": FEATURES,
        "task": "classification",
        "metric": "balanced_accuracy",
        "learners": ["baseline", "naive_bayes", "discriminant"],
        "budget_s": 60,
        "seed": 0,
        "choices": {"validation": {"folds": 3}},
    }
    return services.create_experiment(user_id=owner.id, version=version, **(asked | choices))


def run_facts(learner: str, scores: list[float], **values: Any) -> dict[str, Any]:
    """What the engine records of a run, without the report."""
    mean = sum(scores) / len(scores)
    sd = (sum((score - mean) ** 2 for score in scores) / (len(scores) - 1)) ** 0.5
    facts: dict[str, Any] = {
        "key": learner,
        "learner": learner,
        "title": learner.capitalize(),
        "task": "classification",
        "metric": "accuracy",
        "state": "ready",
        "scores": scores,
        "mean": mean,
        "sd": sd,
        "metrics": {"accuracy": {"mean": mean, "sd": sd}},
        "test_to_train": 0.25,
        "error": None,
        "notes": [],
        "better": None,
        "seconds": 1.0,
    }
    return facts | values


def make_run(learner: str, scores: list[float], **values: Any) -> Run:
    """A run that is not in the database."""
    facts = run_facts(learner, scores, **values)
    return Run(
        key=facts["key"],
        learner=learner,
        title=facts["title"],
        state=facts["state"],
        facts=facts,
        seconds=1.0,
        error=facts["error"],
    )
