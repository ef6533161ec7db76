"""How good the learner is, beside bare LightGBM and scikit-learn's boosting, and beside other tools.

Run with `make bench ARGS="learn --tables DIR"`, where DIR holds the tables of make_tables.py in
../shared/bench (a manifest.json with target, task and fixed split, and NAME.csv with NAME.split.csv.gz). Each
table is read as an upload is, trained on its training rows only, and the final model predicts the test rows.
With `--peers SCRIPT --peer TOOL=PYTHON ...` (SCRIPT is peer_learners.py there, PYTHON a Python that has the
tool) other tools do the same. One at a time, on a quiet machine; compare within one run.

`--overhead` measures the time to the first answer, and the processor time of an experiment beside that of
the fits it makes. `--memory` trains on 1,000,000 rows of 50 columns, and on 13 MB with a text of 60,000
different values, each in a process of its own.
"""

import argparse
import csv
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
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
from beanft.engine.learning.search import refit, search
from beanft.engine.learning.search.fitting import Fitted
from beanft.engine.learning.train import train
from beanft.engine.progress import Progress
from beanft.engine.tables.read import ingest

_CORES = 2
_METRIC = {"regression": "rmse", "binary": "roc_auc", "multiclass": "log_loss"}
_SHOWN = {"regression": "r2", "binary": "auc", "multiclass": "logloss"}
_SEED = 0
_MEMORY_MB = 4_000


class Listener(Progress):
    """Notes when each run came, what was found, and the processor time spent when the search ended."""

    def __init__(self) -> None:
        self.begin = time.monotonic()
        self.spent_before, self.spent, self.in_fits = _spent(), 0.0, 0.0
        self.runs: list[tuple[float, dict[str, Any]]] = []
        self.found: list[dict[str, Any]] = []

    def record(self, facts: dict[str, Any]) -> None:
        if facts.get("part") == "findings":
            self.found = facts["findings"]
        if facts.get("part") == "run":
            if facts["key"] != "ensemble" and not facts["role"]:  # later ones come again, with their roles
                self.spent, self.in_fits = _spent() - self.spent_before, _in_fits.value
            self.runs.append((time.monotonic() - self.begin, facts))


_in_fits = multiprocessing.get_context("fork").Value("d", 0.0)


def _timed(fit: Callable[..., Any]) -> Callable[..., Any]:
    """The same, its processor time added up, in whichever process it runs."""

    def timed(*values: Any, **named: Any) -> Any:
        begin = time.process_time()
        try:
            return fit(*values, **named)
        finally:
            with _in_fits.get_lock():
                _in_fits.value += time.process_time() - begin

    return timed


def _spent() -> float:
    """Seconds of processor time of this process and of its children, whether they have ended or not."""
    own = psutil.Process()
    total = float(sum(own.cpu_times()[:4]))
    for process in own.children(recursive=True):
        try:
            total += sum(process.cpu_times()[:4])
        except psutil.Error:  # it ended meanwhile
            continue
    return total


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


def upload(table: pd.DataFrame, folder: Path, roles: dict[str, str]) -> dict[str, Any]:
    """Read a table as an upload is read; what is then known of it."""
    table.to_csv(folder / "train.csv", index=False)
    facts = ingest(
        source=str(folder / "train.csv"), target=str(folder / "table.parquet"), original_name="train.csv"
    )
    for column in facts["profile"]["columns"]:
        column["role"] = roles.get(column["name"], "")
    return facts


def learn(table: pd.DataFrame, target: str, task: str, seconds: float, folder: Path, **more: Any) -> Any:
    """Read a table as an upload is read, and train on it; the result, the listener and the seconds."""
    facts = upload(table, folder, more.pop("roles", {}))
    return learn_from(facts, target, task, seconds, folder, **more)


def learn_from(
    facts: dict[str, Any], target: str, task: str, seconds: float, folder: Path, **more: Any
) -> Any:
    """Train on an upload; the result, the listener and the seconds."""
    kind = "regression" if task == "regression" else "classification"
    names = [column["name"] for column in facts["profile"]["columns"]]
    listener, begin = Listener(), time.monotonic()
    asked: dict[str, Any] = {
        "features": [name for name in names if name != target],
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


def overhead(arguments: argparse.Namespace) -> None:
    """The first answer (baseline and two learners), and processor time of the search beside its fits.

    A fit is what `fit_fold` does: it makes a matrix fit for its learner, fits, and predicts the rows checked
    on; where the number of trees is found over all folds, `Fitted.cut` predicts them instead. All else is
    overhead: reading rows, forking, scores with intervals, files, test vectors, the checks of the rows.
    """
    for place, name in ((search, "fit_fold"), (refit, "fit_fold"), (Fitted, "cut")):
        setattr(place, name, _timed(getattr(place, name)))
    with tempfile.TemporaryDirectory() as folder:
        result, listener, seconds = learn(
            synthetic(10_000, 20), "target", "binary", arguments.seconds, Path(folder), n_variations=0
        )
        whole = _spent() - listener.spent_before
    third = sorted(s for s, run in listener.runs if run["state"] == "ready")[2]
    fits, all_fits = listener.in_fits, _in_fits.value
    print(
        json.dumps(
            {
                "first answer s": round(third, 2),
                "whole s": round(seconds, 1),
                "processor s of fits until the runs were weighed": round(fits, 1),
                "of all": round(listener.spent, 1),
                "beside the fits": f"{listener.spent / fits - 1:.1%}",
                "the same of the whole training": f"{whole / all_fits - 1:.1%}",
                "runs": len(listener.runs),
                "final": result["final"],
            }
        )
    )


def long_table() -> pd.DataFrame:
    return synthetic(1_000_000, 50)


def table_of_texts() -> pd.DataFrame:
    random = np.random.default_rng(0)
    words = [f"w{i}" for i in range(5_000)]
    return pd.DataFrame(
        {
            "comment": [" ".join(random.choice(words, 38)) + f" {i}" for i in range(60_000)],
            "size": random.normal(size=60_000).round(3),
            "target": random.choice(["yes", "no"], 60_000),
        }
    )


def memory() -> None:
    """Train on each table in a process of its own, which finds it on disk as a worker does."""
    for name, make in (("1,000,000 x 50", long_table), ("60,000 texts", table_of_texts)):
        with tempfile.TemporaryDirectory() as place:
            for step in (_uploaded, _measured):
                process = multiprocessing.get_context("spawn").Process(target=step, args=(name, make, place))
                process.start()
                process.join()
                if process.exitcode:
                    sys.exit(f"{name}: {step.__name__} failed")


def _uploaded(_: str, make: Callable[[], pd.DataFrame], place: str) -> None:
    facts = upload(make(), Path(place), {})
    (Path(place) / "facts.json").write_text(json.dumps(facts))


def _measured(name: str, _: Callable[[], pd.DataFrame], place: str) -> None:
    facts = json.loads((Path(place) / "facts.json").read_text())
    watch, base = Memory(), psutil.Process().memory_full_info().pss >> 20
    watch.start()
    result, listener, seconds = learn_from(facts, "target", "binary", 60, Path(place))
    peak = watch.end()
    states = [run["state"] for _, run in listener.runs]
    print(
        json.dumps(
            {
                "table": name,
                "csv_mb": (Path(place) / "train.csv").stat().st_size >> 20,
                "peak_mb": peak,
                "of which programs before it began": base,
                "seconds": round(seconds, 1),
                "ready": states.count("ready"),
                "failed": states.count("failed"),
                "rows": result["n_rows"],
            }
        ),
        flush=True,
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
        overhead(arguments)
    if arguments.memory:
        memory()
    if arguments.tables:
        tables(arguments)


if __name__ == "__main__":
    main()
