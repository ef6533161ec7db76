"""A batch of a million rows, against pandas.read_csv, the same estimator's predict and to_parquet.

Run with `make bench ARGS="batch --rows 1000000"`. Both ways run in a process of their own and take turns; the
seconds count from the first byte read to the last byte written, without imports and the loading of the model.
The bare way knows the types beforehand, checks nothing and gives neither intervals nor warnings; the batch
is the whole of the job, with its summary and the drift of each column.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "site"))

import numpy as np
import pandas as pd

from beanft.engine.learning import files
from beanft.engine.learning.batches.work import predict_batch
from beanft.engine.learning.serving.rows import predict_rows
from beanft.engine.learning.train import train
from beanft.engine.progress import Progress
from beanft.engine.tables.read import ingest

FEATURES = [*(f"n{i}" for i in range(6)), "amount", "mass", "city", "shop", "weather", "day"]


class Runs(Progress):
    """Keeps the runs that a training hands over."""

    def __init__(self) -> None:
        self.ready: dict[str, dict[str, Any]] = {}

    def record(self, facts: dict[str, Any]) -> None:
        """Keep a run that has a model."""
        if facts["part"] == "run" and facts["state"] == "ready":
            self.ready[facts["key"]] = facts


def table(n_rows: int, seed: int) -> pd.DataFrame:
    """Numbers with gaps, categories, a date and a target that follows some of them."""
    draw = np.random.default_rng(seed)
    made = pd.DataFrame({f"n{i}": draw.normal(size=n_rows).round(4) for i in range(6)})
    made["amount"] = draw.integers(0, 1000, n_rows)
    made["mass"] = np.where(draw.random(n_rows) < 0.1, np.nan, draw.normal(50, 9, n_rows).round(2))
    made["city"] = draw.choice(["Bonn", "Köln", "Berlin", "Ulm", "Trier"], n_rows)
    made["shop"] = [f"s{i}" for i in draw.integers(0, 200, n_rows)]
    made["weather"] = draw.choice(["wet", "dry", "mixed"], n_rows)
    days = pd.Timestamp("2020-01-01") + pd.to_timedelta(draw.integers(0, 1500, n_rows), unit="D")
    made["day"] = days.strftime("%Y-%m-%d")
    score = made["n0"] + made["n1"] * made["n2"] + (made["city"] == "Bonn") + draw.normal(size=n_rows)
    made["answer"] = np.where(score > 0.5, "good", "bad")
    return made


def trained(folder: Path, learner: str) -> dict[str, Any]:
    """Train on a few thousand rows; the last run is the best."""
    source, parquet = folder / "train.csv", folder / "train.parquet"
    table(5_000, seed=1).to_csv(source, index=False)
    found = ingest(source=str(source), target=str(parquet), original_name="train.csv")
    runs = Runs()
    train(
        table=str(parquet),
        table_sha256=found["parquet_sha256"],
        profile=found["profile"],
        target="answer",
        features=FEATURES,
        task="classification",
        learners=[learner],
        budget_s=60,
        n_variations=0,
        folder=str(folder),
        progress=runs,
    )
    run = next(run for run in runs.ready.values() if run["learner"] == learner)
    profile = found["profile"]
    return {
        "file": str(folder / run["file"]),
        "sha256": run["sha256"],
        "key": run["key"],
        "training": {"table": str(parquet), "n_rows": profile["n_rows"], "columns": profile["columns"]},
    }


def bare(spec: dict[str, Any]) -> None:
    """Read, predict and write as a notebook would."""
    model = files.load(Path(spec["file"]), spec["sha256"])
    kinds = dict.fromkeys(("city", "shop", "weather"), object)
    start = time.perf_counter()
    rows = pd.read_csv(spec["source"], dtype=kinds, parse_dates=["day"])
    predicted = predict_rows(model, rows[FEATURES])
    rows["prediction"] = np.array(model["labels"])[predicted.argmax(axis=1)]
    rows[[f"probability of {label}" for label in model["labels"]]] = predicted
    rows.to_parquet(spec["target"], index=False)
    tell(start)


def batch(spec: dict[str, Any]) -> None:
    """Predict as a job does."""
    files.load(Path(spec["file"]), spec["sha256"])
    start = time.perf_counter()
    predict_batch(
        training=spec["training"],
        model_file=spec["file"],
        model_sha256=spec["sha256"],
        source=spec["source"],
        target=spec["target"],
        folder=str(Path(spec["file"]).parent),
        key=spec["key"],
    )
    tell(start)


def tell(start: float) -> None:
    """Print the seconds since the start and the most memory used, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"s": time.perf_counter() - start, "mb": peak / 1024}))


def measured(way: str, spec: dict[str, Any]) -> dict[str, float]:
    """Run one way in a process of its own."""
    command = [sys.executable, __file__, "--way", way, "--spec", json.dumps(spec)]
    out = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(out.stdout.splitlines()[-1])
    return result


def main() -> None:
    """Measure both ways in turn and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--learner", default="boosting")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--way", choices=("bare", "batch"))
    parser.add_argument("--spec")
    asked = parser.parse_args()
    if asked.way:
        {"bare": bare, "batch": batch}[asked.way](json.loads(asked.spec))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spec = trained(folder, asked.learner) | {"source": str(folder / "new.csv")}
        table(asked.rows, seed=2).drop(columns="answer").to_csv(spec["source"], index=False)
        mb = Path(spec["source"]).stat().st_size / 1e6
        print(f"{asked.rows:,} rows x {len(FEATURES)} columns, {mb:,.0f} MB, {asked.learner}")
        found: dict[str, list[dict[str, float]]] = {"bare": [], "batch": []}
        for _ in range(asked.rounds):
            for way, results in found.items():
                results.append(measured(way, spec | {"target": str(folder / f"{way}.out")}))
        seconds = {way: statistics.median(one["s"] for one in results) for way, results in found.items()}
        for way, results in found.items():
            print(f"{way:6} {seconds[way]:7.1f} s   {max(one['mb'] for one in results):7,.0f} MB")
        print(f"ratio {seconds['batch'] / seconds['bare']:.2f}")


if __name__ == "__main__":
    main()
