"""How good the learner is, beside bare LightGBM and scikit-learn's boosting, and beside other tools.

Run with `make bench ARGS="learn --tables DIR"`, where DIR holds the tables of make_tables.py in
../shared/bench (a manifest.json with target, task and fixed split, and NAME.csv with NAME.split.csv.gz). Each
table is read as an upload is, trained on its training rows only, and the final model predicts the test rows.
With `--peers SCRIPT --peer TOOL=PYTHON ...` (SCRIPT is peer_learners.py there, PYTHON a Python that has the
tool) other tools do the same. One at a time, on a quiet machine; compare within one run.

`--overhead` measures the time to the first answer, and what an experiment costs beside its bare fits.
`--memory` trains on 1,000,000 rows of 50 columns, and on a table with a text of 60,000 different values.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "site")]
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd
import psutil
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import log_loss, r2_score, roc_auc_score

from beanft.engine.learning import files
from beanft.engine.learning.inputs import check
from beanft.engine.learning.learners import learners_for
from beanft.engine.learning.predict import predict_rows
from beanft.engine.learning.train import train
from beanft.engine.progress import Progress
from beanft.engine.tables.read import ingest

_CORES = 2
_METRIC = {"regression": "rmse", "binary": "roc_auc", "multiclass": "log_loss"}
_SHOWN = {"regression": "r2", "binary": "auc", "multiclass": "logloss"}
_SEED = 0
_MEMORY_MB = 4_000


class Listener(Progress):
    """Notes when each run came, and the processor time that was spent when the search ended."""

    def __init__(self) -> None:
        self.begin = time.monotonic()
        self.spent_before, self.spent = _spent(), 0.0
        self.runs: list[tuple[float, dict[str, Any]]] = []

    def record(self, facts: dict[str, Any]) -> None:
        if facts.get("part") == "run":
            if facts["key"] != "ensemble" and not facts["role"]:  # later ones come again, with their roles
                self.spent = _spent() - self.spent_before
            self.runs.append((time.monotonic() - self.begin, facts))


def _spent() -> float:
    """Seconds of processor time of this process and of its children that have ended."""
    return sum(psutil.Process().cpu_times()[:4])


class Memory(threading.Thread):
    """The most memory that this process and its children have taken, what they share counted once."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak_mb, self._ended = 0, threading.Event()

    def run(self) -> None:
        own = psutil.Process()
        while not self._ended.wait(0.2):
            total = 0
            for process in (own, *own.children(recursive=True)):
                try:
                    total += process.memory_full_info().pss
                except psutil.Error:
                    continue
            self.peak_mb = max(self.peak_mb, total >> 20)

    def end(self) -> int:
        self._ended.set()
        self.join()
        return self.peak_mb


def learn(table: pd.DataFrame, target: str, task: str, seconds: float, folder: Path, **more: Any) -> Any:
    """Read a table as an upload is read, and train on it; the result, the listener and the seconds."""
    table.to_csv(folder / "train.csv", index=False)
    facts = ingest(
        source=str(folder / "train.csv"), target=str(folder / "table.parquet"), original_name="train.csv"
    )
    roles = more.pop("roles", {})
    for column in facts["profile"]["columns"]:
        column["role"] = roles.get(column["name"], "")
    kind = "regression" if task == "regression" else "classification"
    listener, begin = Listener(), time.monotonic()
    asked: dict[str, Any] = {
        "features": [name for name in table.columns if name != target],
        "metric": _METRIC[task],
        "learners": [learner.key for learner in learners_for(kind)],
        "max_rows": 1_000_000,
        "cores": _CORES,
        "memory_mb": _MEMORY_MB,
        "seed": _SEED,
    }
    result = train(
        table=str(folder / "table.parquet"),
        table_sha256=facts["parquet_sha256"],
        profile=facts["profile"],
        target=target,
        task=kind,
        budget_s=seconds,
        folder=str(folder),
        progress=listener,
        **(asked | more),
    )
    return result, listener, time.monotonic() - begin


def predict(result: dict[str, Any], listener: Listener, test: pd.DataFrame, folder: Path) -> tuple[Any, Any]:
    """What the final model says of the test rows, read as a file to predict is read; and its classes."""
    facts = [run for _, run in listener.runs if run["key"] == result["final"]][-1]
    model = files.load(folder / facts["file"], facts["sha256"])
    test.to_csv(folder / "test.csv", index=False)
    with (folder / "test.csv").open(newline="") as stream:
        rows = list(csv.reader(stream))
    return predict_rows(model, check(rows[0], rows[1:], model["schema"]).frame), model["labels"]


def scores(y: pd.Series, predicted: np.ndarray, labels: Any) -> dict[str, float]:
    if not labels:
        error = y.to_numpy(float) - predicted
        return {"rmse": float(np.sqrt(np.mean(error**2))), "r2": float(r2_score(y, predicted))}
    codes = _codes(y, labels)
    made = {"logloss": float(log_loss(codes, predicted, labels=range(len(labels))))}
    if len(labels) == 2:
        made["auc"] = float(roc_auc_score(codes, predicted[:, 1]))
    return made


def _codes(y: pd.Series, labels: list[str]) -> np.ndarray:
    """Places of the true classes among the labels; an upload reads yes and no as true and false."""
    words = sorted({_label(value) for value in y.tolist()})
    same = words if set(words) <= set(labels) else ["false", "true"]
    place = {word: labels.index(label) for word, label in zip(words, same, strict=True)}
    return np.array([place[_label(value)] for value in y.tolist()])


def _label(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value == round(value) else str(value)


def bare(train_rows: pd.DataFrame, test: pd.DataFrame, target: str, task: str) -> dict[str, dict[str, Any]]:
    """LightGBM and scikit-learn's histogram boosting with their defaults, on categories as they are."""
    X, X_test = train_rows.drop(columns=target), test.drop(columns=target)
    for name in X.columns:
        if not pd.api.types.is_numeric_dtype(X[name]):
            kind = pd.CategoricalDtype(sorted(X[name].dropna().astype(str).unique()))
            X[name], X_test[name] = X[name].astype(str).astype(kind), X_test[name].astype(str).astype(kind)
            if len(kind.categories) > 250:
                X[name], X_test[name] = X[name].cat.codes.astype(float), X_test[name].cat.codes.astype(float)
    y, labels = train_rows[target], []
    if task != "regression":
        labels = sorted({_label(value) for value in y.tolist()})
        y = pd.Series([labels.index(_label(value)) for value in y.tolist()])
    kinds = {
        "lightgbm": (LGBMRegressor if task == "regression" else LGBMClassifier)(n_jobs=_CORES, verbose=-1),
        "scikit-learn": (
            HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
        )(categorical_features="from_dtype", random_state=_SEED),
    }
    made = {}
    for name, model in kinds.items():
        begin = time.monotonic()
        model.fit(X, y)
        predicted = model.predict(X_test) if task == "regression" else model.predict_proba(X_test)
        made[name] = scores(test[target], predicted, labels) | {"seconds": time.monotonic() - begin}
    return made


def tables(arguments: argparse.Namespace) -> None:
    manifest = json.loads((arguments.tables / "manifest.json").read_text())
    for entry in manifest:
        if arguments.only and entry["name"] not in arguments.only:
            continue
        name, target, task = entry["name"], entry["target"], entry["task"]
        table = pd.read_csv(arguments.tables / f"{name}.csv")
        is_test = (pd.read_csv(arguments.tables / f"{name}.split.csv.gz").split == "test").to_numpy()
        train_rows, test = table[~is_test].reset_index(drop=True), table[is_test].reset_index(drop=True)
        roles = {entry["split"].removeprefix("time:"): "time"} if entry["split"] != "random" else {}
        with tempfile.TemporaryDirectory() as place:
            memory = Memory()
            memory.start()
            result, listener, seconds = learn(
                train_rows, target, task, arguments.seconds, Path(place), roles=roles
            )
            peak_mb = memory.end()
            predicted, labels = predict(result, listener, test, Path(place))
        found = {"beanft": scores(test[target], predicted, labels) | {"seconds": seconds, "peak_mb": peak_mb}}
        if not arguments.alone:
            found |= bare(train_rows, test, target, task)
        for tool, made in found.items():
            row = {"sys": tool, "ds": name, "task": task, "budget": arguments.seconds} | made
            tell(arguments.out, row)
        for peer in arguments.peer:
            run_peer(arguments, peer, name)


def run_peer(arguments: argparse.Namespace, peer: str, name: str) -> None:
    tool, _, python = peer.partition("=")
    command = [python, str(arguments.peers), tool, name, str(arguments.seconds), str(arguments.tables)]
    subprocess.run([*command, str(arguments.out)], check=False)


def tell(out: Path, row: dict[str, Any]) -> None:
    with out.open("a") as stream:
        stream.write(json.dumps(row) + "\n")
    shown = {
        key: round(value, 4) if isinstance(value, float) else value
        for key, value in row.items()
        if key in ("sys", "ds", "seconds", "peak_mb", _SHOWN[row["task"]])
    }
    print(shown, flush=True)


def synthetic(n_rows: int, n_columns: int, seed: int = 0) -> pd.DataFrame:
    """Numbers and a category; the target hangs on half of them."""
    random = np.random.default_rng(seed)
    table = pd.DataFrame(
        random.normal(size=(n_rows, n_columns - 1)).round(4), columns=[f"c{i}" for i in range(n_columns - 1)]
    )
    table["kind"] = random.choice(list("abcdefgh"), n_rows)
    signal = table.iloc[:, : n_columns // 2].sum(axis=1) + (table["kind"] == "a")
    table["target"] = np.where(signal + random.normal(size=n_rows) > 0, "yes", "no")
    return table


def overhead() -> None:
    """The first answer (baseline and two learners), and processor time of the search beside its fits."""
    with tempfile.TemporaryDirectory() as place:
        result, listener, seconds = learn(
            synthetic(10_000, 20), "target", "binary", 60, Path(place), n_variations=0
        )
    fits = sum(run["seconds"] for _, run in listener.runs if run["key"] != "ensemble" and not run["role"])
    third = sorted(s for s, run in listener.runs if run["state"] == "ready")[2]
    print(
        json.dumps(
            {
                "first answer s": round(third, 2),
                "whole s": round(seconds, 1),
                "fits s": round(fits, 1),
                "processor s until the runs were weighed": round(listener.spent, 1),
                "beside the fits": f"{listener.spent / fits - 1:.0%}",
                "runs": len(listener.runs),
                "final": result["final"],
            }
        )
    )


def memory() -> None:
    random = np.random.default_rng(0)
    words = [f"w{i}" for i in range(5_000)]
    text = pd.DataFrame(
        {
            "comment": [" ".join(random.choice(words, 20)) + f" {i}" for i in range(60_000)],
            "size": random.normal(size=60_000).round(3),
            "target": random.choice(["yes", "no"], 60_000),
        }
    )
    for name, table in (("1,000,000 x 50", synthetic(1_000_000, 50)), ("60,000 texts", text)):
        with tempfile.TemporaryDirectory() as place:
            watch = Memory()
            watch.start()
            base = psutil.Process().memory_full_info().pss >> 20
            result, listener, seconds = learn(table, "target", "binary", 60, Path(place))
            peak = watch.end()
        states = [run["state"] for _, run in listener.runs]
        print(
            json.dumps(
                {
                    "table": name,
                    "peak_mb": peak,
                    "of which the table in this benchmark": base,
                    "seconds": round(seconds, 1),
                    "ready": states.count("ready"),
                    "failed": states.count("failed"),
                    "rows": result["n_rows"],
                }
            )
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tables", type=Path, help="folder of make_tables.py, with manifest.json")
    parser.add_argument("--only", nargs="*", default=[], help="names of tables")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--out", type=Path, default=Path("learn.jsonl"))
    parser.add_argument("--alone", action="store_true", help="without the bare libraries")
    parser.add_argument("--peers", type=Path, help="peer_learners.py")
    parser.add_argument(
        "--peer", nargs="*", default=[], help="TOOL=PYTHON, such as flaml=/venvs/flaml/bin/python"
    )
    parser.add_argument("--overhead", action="store_true")
    parser.add_argument("--memory", action="store_true")
    arguments = parser.parse_args()
    if arguments.overhead:
        overhead()
    if arguments.memory:
        memory()
    if arguments.tables:
        tables(arguments)


if __name__ == "__main__":
    main()
