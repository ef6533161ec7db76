"""Whether noise is ever called a forecast, and whether a clean table is ever called spoiled.

Run with `make bench ARGS="honesty"`. Tables of 120, 300 and 1,000 rows with numbers, categories, a code of
many levels and a date; each is read as an upload is and trained on as on the site, with every learner, its
ensemble and its locked rows. It takes about an hour, on a machine that has nothing else to do: where the
budget ends before a learner is done, nothing is claimed and nothing is measured.

noise    The target is dealt out by chance. A false claim is the verdict “better”: better than guessing, in
         the folds and on the locked rows. At most 5 of 100 may be. “Unconfirmed” (only the folds say so, and
         the sentence begins with “Not confirmed”) is counted apart.
clean    The target hangs on three columns and on chance, and nothing is wrong. A false alarm is any
         warning, of the table or of the training. At most 1 of 50 may have one. Few learners, but time for
         every check; tables for which that was too short on a busy machine are counted.
"""

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from learn import learn_from, upload
from scipy.stats import binomtest

ROWS = (120, 300, 1_000)
TASKS = ("classification", "regression")
_CLEAN_S = 60.0  # enough for every check; these learners end long before
_CLEAN_LEARNERS = {"classification": ["logistic", "boosting"], "regression": ["ridge", "boosting"]}
_KINDS = {"classification": ("two classes", "one in four", "three classes"), "regression": ("even", "skewed")}


def columns(random: np.random.Generator, n_rows: int) -> pd.DataFrame:
    """Columns of every kind that know nothing of each other."""
    table = pd.DataFrame(random.normal(size=(n_rows, 6)).round(4), columns=list("abcdef"))
    table["colour"] = random.choice(["red", "green", "blue"], n_rows)
    table["shop"] = [f"shop {n}" for n in random.integers(0, n_rows // 4, n_rows)]
    table["wet"] = random.choice(["yes", "no"], n_rows)
    days = pd.Timestamp("2023-01-01") + pd.to_timedelta(random.integers(0, 700, n_rows), unit="D")
    table["day"] = days.strftime("%Y-%m-%d")
    return table


def to_target(signal: np.ndarray, kind: str) -> np.ndarray:
    """Numbers of a bell as the target of a kind."""
    if kind == "even":
        return (10 + signal).round(4)
    if kind == "skewed":
        return np.exp(signal).round(4)
    cuts = {"two classes": [0.5], "one in four": [0.75], "three classes": [1 / 3, 2 / 3]}[kind]
    return np.array(["low", "middle", "top"])[np.searchsorted(np.quantile(signal, cuts), signal)]


def noise(seed: int, task: str) -> pd.DataFrame:
    random = np.random.default_rng([seed, TASKS.index(task), 0])
    table = columns(random, ROWS[seed % 3])
    kind = _KINDS[task][seed // 3 % len(_KINDS[task])]
    return table.assign(target=to_target(random.normal(size=len(table)), kind))


def clean(seed: int, task: str) -> pd.DataFrame:
    random = np.random.default_rng([seed, TASKS.index(task), 1])
    table = columns(random, ROWS[seed % 3])
    kind = _KINDS[task][seed // 3 % len(_KINDS[task])]
    signal = table["a"] + 0.7 * table["b"] + (table["colour"] == "red") + random.normal(size=len(table))
    return table.assign(target=to_target(signal.to_numpy() / 1.7, kind))


def trained(table: pd.DataFrame, task: str, seed: int, seconds: float, **asked: Any) -> dict[str, Any]:
    """The verdict of a training, and what was warned of: by the table and by the training."""
    with tempfile.TemporaryDirectory() as place:
        facts = upload(table, Path(place), {})
        kind = task if task == "regression" else "binary" if table["target"].nunique() == 2 else "multiclass"
        result, listener, took = learn_from(
            facts, "target", kind, seconds, Path(place), seed=seed, memory_mb=2_000, **asked
        )
    found = [*facts["profile"]["findings"], *listener.found]
    return {
        "code": result["verdict"]["code"],
        "sentence": result["verdict"]["sentence"],
        "warnings": [f"{one['code']}: {one['sentence']}" for one in found if one["severity"] == "warning"],
        "notes": [one["code"] for one in found if one["severity"] == "note"],
        "runs": len({run["key"] for _, run in listener.runs if run["state"] == "ready"}),
        "seconds": round(took, 1),
    }


def share(n: int, of: int) -> str:
    """How many of how many, with the interval of Clopper and Pearson."""
    if not of:
        return "none tried"
    interval = binomtest(n, of).proportion_ci(confidence_level=0.95, method="exact")
    return f"{n} of {of}, {n / of:.1%} ({interval.low:.1%} to {interval.high:.1%})"


def measure(
    part: str, make: Callable[[int, str], pd.DataFrame], arguments: argparse.Namespace
) -> list[dict[str, Any]]:
    """Train on every table of a part, and tell each as it is done."""
    made = []
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        for task in arguments.tasks:
            asked = {} if part == "noise" else {"learners": _CLEAN_LEARNERS[task], "n_variations": 0}
            seconds = arguments.seconds if part == "noise" else _CLEAN_S
            row = {"part": part, "task": task, "seed": seed}
            row |= trained(make(seed, task), task, seed, seconds, **asked)
            made.append(row)
            with arguments.out.open("a") as stream:
                stream.write(json.dumps(row) + "\n")
            if row["code"] == "better" if part == "noise" else row["warnings"]:
                print(json.dumps(row), flush=True)
    return made


def report(rows: list[dict[str, Any]]) -> None:
    for part in ("noise", "clean"):
        for task in TASKS:
            some = [row for row in rows if (row["part"], row["task"]) == (part, task)]
            if not some:
                continue
            codes = Counter(row["code"] for row in some)
            facts: dict[str, Any] = {"part": part, "task": task}
            if part == "noise":  # where time was too short for any learner nothing could be claimed
                tried = len(some) - codes["baseline_only"]
                facts["false claims"] = share(codes["better"], tried)
                facts["not confirmed"] = share(codes["unconfirmed"], tried)
                facts["without any learner, not counted"] = codes["baseline_only"]
            else:
                facts["better"] = share(codes["better"], len(some))
                facts["false alarms"] = share(sum(bool(row["warnings"]) for row in some), len(some))
                facts["checks cut short"] = sum("checks-skipped" in row["notes"] for row in some)
            facts["runs, median"] = float(np.median([row["runs"] for row in some]))
            facts["seconds, median"] = float(np.median([row["seconds"] for row in some]))
            print(json.dumps(facts), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seconds", type=float, default=10, help="budget of a training on noise")
    parser.add_argument("--tasks", nargs="*", default=list(TASKS), choices=TASKS)
    parser.add_argument("--parts", nargs="*", default=["noise", "clean"], choices=["noise", "clean"])
    parser.add_argument("--out", type=Path, default=Path("honesty.jsonl"))
    arguments = parser.parse_args()
    makers = {"noise": noise, "clean": clean}
    report([row for part in arguments.parts for row in measure(part, makers[part], arguments)])


if __name__ == "__main__":
    main()
