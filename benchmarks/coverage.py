"""Whether intervals and sets hold the truth as often as they say: 90 % should be 88 to 92 % on average.

Run with `make bench ARGS="coverage"`: simulated tables whose truth is known, many new rows each; boosted
trees are fitted on folds, their unseen predictions set the intervals, and their average answers, as in
Beanft. With `--tables DIR` (make_tables.py in ../shared/bench) the real tables too: each is read as an upload
is, trained on its training rows for `--seconds`, and the final model answers the test rows.
"""

import argparse
import csv
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from learn import Listener, _codes, learn
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.model_selection import GroupKFold, KFold

from beanft.engine.learning import files
from beanft.engine.learning.answering import answer_rows
from beanft.engine.learning.inputs import check
from beanft.engine.learning.uncertainty.kept import load_uncertainty
from beanft.engine.learning.uncertainty.local import fit_by_columns
from beanft.engine.learning.uncertainty.quantiles import LEVELS
from beanft.engine.learning.uncertainty.sets import fit_sets
from beanft.engine.learning.uncertainty.setting import Apart, fit_bands

_FOLDS, _NEW_ROWS, _COLUMNS = 5, 10_000, 5
_GROUP_ROWS = 100  # new rows of a group of which a share is told
_LEVEL = 0.9
_MOST_TEST_ROWS = 20_000

Random = np.random.Generator
Table = tuple[np.ndarray, np.ndarray, np.ndarray | None]
"""X, y and groups."""


def _signal(X: np.ndarray) -> np.ndarray:
    made: np.ndarray = 2 * X[:, 0] + np.sin(3 * X[:, 1]) + X[:, 0] * X[:, 2]
    return made


def _even(random: Random, X: np.ndarray) -> np.ndarray:
    return _signal(X) + random.normal(size=len(X))


def _wider_with_prediction(random: Random, X: np.ndarray) -> np.ndarray:
    return _signal(X) + np.exp(0.5 * X[:, 0]) * random.normal(size=len(X))


def _wider_with_column(random: Random, X: np.ndarray) -> np.ndarray:
    return _signal(X) + np.where(X[:, 3] > 0, 3.0, 0.5) * random.normal(size=len(X))


def _heavy_tails(random: Random, X: np.ndarray) -> np.ndarray:
    return _signal(X) + random.standard_t(2, size=len(X))


def _skewed(random: Random, X: np.ndarray) -> np.ndarray:
    made: np.ndarray = np.exp(0.5 * _signal(X) + random.normal(size=len(X)))
    return made


def _counts(random: Random, X: np.ndarray) -> np.ndarray:
    return random.poisson(np.exp(np.clip(0.4 * _signal(X), -3, 3))).astype(float)


def _many_zeros(random: Random, X: np.ndarray) -> np.ndarray:
    return np.where(
        random.random(len(X)) < 0.6, 0.0, np.maximum(0, 5 + _signal(X) + random.normal(size=len(X)))
    )


def _nothing(random: Random, X: np.ndarray) -> np.ndarray:
    return random.normal(size=len(X))


def _classes(shares: list[float], strength: float) -> Callable[[Random, np.ndarray], np.ndarray]:
    def draw(random: Random, X: np.ndarray) -> np.ndarray:
        angles = np.arange(len(shares)) * 2 * np.pi / len(shares)
        margins = strength * (np.outer(X[:, 0], np.cos(angles)) + np.outer(X[:, 1], np.sin(angles)))
        margins = margins + np.log(shares) + random.gumbel(size=margins.shape)
        return margins.argmax(axis=1)

    return draw


NUMBERS = {
    "even errors": _even,
    "errors grow with the prediction": _wider_with_prediction,
    "errors hang on a column": _wider_with_column,
    "heavy tails": _heavy_tails,
    "skewed": _skewed,
    "counts": _counts,
    "many zeros": _many_zeros,
    "nothing to learn": _nothing,
}
CLASSES = {
    "two classes": _classes([0.5, 0.5], 0.7),
    "one in ten": _classes([0.9, 0.1], 1.0),
    "one in fifty": _classes([0.98, 0.02], 1.5),
    "five classes": _classes([0.4, 0.3, 0.2, 0.08, 0.02], 1.0),
    "classes, nothing to learn": _classes([0.6, 0.4], 0.0),
}


def drawn(random: Random, draw: Callable[[Random, np.ndarray], np.ndarray], n_rows: int) -> Table:
    X = random.normal(size=(n_rows, _COLUMNS))
    return X, draw(random, X), None


def in_groups(random: Random, n_rows: int) -> Table:
    """Rows of one group share a shift that no column tells; groups have 1 to some 40 rows."""
    sizes = 1 + random.geometric(0.08, size=n_rows)
    groups = np.repeat(np.arange(len(sizes)), sizes)[:n_rows]
    X = random.normal(size=(n_rows, _COLUMNS))
    return X, _even(random, X) + random.normal(size=len(sizes))[groups], groups


def cross_fitted(
    table: Table, X_new: np.ndarray, *, n_classes: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """What folds say of their unseen rows, and what each of them says of new ones."""
    X, y, groups = table
    shape = (n_classes,) if n_classes else ()
    unseen, new = np.zeros((len(y), *shape)), []
    cut = GroupKFold(_FOLDS) if groups is not None else KFold(_FOLDS, shuffle=True, random_state=seed)
    kind = HistGradientBoostingClassifier if n_classes else HistGradientBoostingRegressor
    for train, test in cut.split(X, groups=groups):
        model = kind(max_iter=60, learning_rate=0.1, max_leaf_nodes=8, random_state=seed).fit(
            X[train], y[train]
        )
        rows = np.concatenate([X[test], X_new])
        if n_classes:
            said = np.zeros((len(rows), n_classes))
            said[:, model.classes_.astype(int)] = model.predict_proba(rows)
        else:
            said = model.predict(rows)
        unseen[test] = said[: len(test)]
        new.append(said[len(test) :])
    return unseen, np.array(new)


def simulate(name: str, draw: Any, n_rows: int, repeats: int, *, n_classes: int = 0) -> dict[str, Any]:
    """Coverage of new rows at every level, the mean over repeats; and of the worst group on average."""
    shares, groups, sizes = [], [], []
    for seed in range(repeats):
        random = np.random.default_rng([seed, n_rows])
        table = in_groups(random, n_rows) if draw is None else drawn(random, draw, n_rows)
        new = in_groups(random, _NEW_ROWS) if draw is None else drawn(random, draw, _NEW_ROWS)
        unseen, alone = cross_fitted(table, new[0], n_classes=n_classes, seed=seed)
        said = alone.mean(axis=0)
        if n_classes:
            rule = fit_sets(table[1], unseen, seed=seed).sets
            found = [rule.of(said, level) for level in LEVELS]
            held = [sets[np.arange(len(said)), new[1]] for sets in found]
            size, parts = found[1].sum(axis=1), new[1]
        else:
            locked = n_rows // 4  # rows whose truth is not looked at
            bands = fit_bands(
                table[1],
                unseen,
                matrix=table[0],
                clusters=table[2],
                apart=Apart(said=alone[:, :locked], matrix=new[0][:locked]),
                seed=seed,
                fit_columns=fit_by_columns,
            ).bands
            around = [bands.around(said, new[0], level) for level in LEVELS]
            held = [(new[1] >= low) & (new[1] <= high) for low, high in around]
            size = around[1][1] - around[1][0]
            parts = np.searchsorted(np.quantile(said, [0.25, 0.5, 0.75]), said)
        shares.append([float(one.mean()) for one in held])
        groups.append(by_group(held[1], parts))
        sizes.append(float(size.mean()))
    codes = sorted(set.intersection(*(set(one) for one in groups)))
    return {
        "what": name,
        "rows": n_rows,
        "coverage": [round(100 * float(share), 1) for share in np.mean(shares, axis=0)],
        "by group": [round(100 * float(np.mean([one[code] for one in groups])), 1) for code in codes],
        "size": round(float(np.mean(sizes)), 3),
    }


def by_group(held: np.ndarray, parts: np.ndarray) -> dict[int, float]:
    """Share of each group that has enough rows."""
    codes, counts = np.unique(parts, return_counts=True)
    return {int(code): float(held[parts == code].mean()) for code in codes[counts >= _GROUP_ROWS]}


def simulations(n_rows: list[int], repeats: int) -> list[dict[str, Any]]:
    found = []
    for n in n_rows:
        found += [tell(simulate(name, draw, n, repeats)) for name, draw in NUMBERS.items()]
        found.append(tell(simulate("rows in groups", None, n, repeats)))
        for name, draw in CLASSES.items():
            n_classes = 5 if name == "five classes" else 2
            found.append(tell(simulate(name, draw, n, repeats, n_classes=n_classes)))
    return found


def real(folder: Path, only: list[str], seconds: float) -> list[dict[str, Any]]:
    found = []
    for entry in json.loads((folder / "manifest.json").read_text()):
        if not only or entry["name"] in only:
            found.append(tell(measured(folder, entry, seconds)))
    return found


def measured(folder: Path, entry: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Train on the training rows of a table and answer its test rows."""
    target, task = entry["target"], entry["task"]
    table = pd.read_csv(folder / f"{entry['name']}.csv")
    is_test = (pd.read_csv(folder / f"{entry['name']}.split.csv.gz").split == "test").to_numpy()
    train_rows, test = table[~is_test].reset_index(drop=True), table[is_test].reset_index(drop=True)
    test = test.sample(min(len(test), _MOST_TEST_ROWS), random_state=0).reset_index(drop=True)
    roles = {entry["split"].removeprefix("time:"): "time"} if entry["split"] != "random" else {}
    with tempfile.TemporaryDirectory() as place:
        result, listener, _ = learn(train_rows, target, task, seconds, Path(place), roles=roles)
        if result["final"] is None:
            return {"what": entry["name"], "failed": "no model was ready in time"}
        return {"what": entry["name"]} | answered(result, listener, test, target, Path(place))


def answered(
    result: dict[str, Any], listener: Listener, test: pd.DataFrame, target: str, folder: Path
) -> dict[str, Any]:
    facts = [run for _, run in listener.runs if run["key"] == result["final"]][-1]
    model, known = files.load(folder / facts["file"], facts["sha256"]), load_uncertainty(folder, facts["key"])
    test.to_csv(folder / "test.csv", index=False)
    with (folder / "test.csv").open(newline="") as stream:
        rows = list(csv.reader(stream))
    checked = check(rows[0], rows[1:], model["schema"])
    answers = {level: answer_rows(model, checked, uncertainty=known, level=level) for level in LEVELS}
    one = answers[_LEVEL]
    if model["labels"]:
        y = _codes(test[target], list(model["labels"]))
        held = [answers[level].sets[np.arange(len(y)), y] for level in LEVELS]
        size, parts = one.sets.sum(axis=1), y
    else:
        y = test[target].to_numpy(dtype=float)
        held = [(y >= answers[level].low) & (y <= answers[level].high) for level in LEVELS]
        size, parts = (
            one.high - one.low,
            np.searchsorted(np.quantile(one.predicted, [0.25, 0.5, 0.75]), one.predicted),
        )
    told = known.facts(_LEVEL)
    right = float((one.predicted.argmax(axis=1) == y).mean()) if model["labels"] else None
    return {
        "rows": len(y),
        "coverage": [round(100 * float(share.mean()), 1) for share in held],
        "by group": [round(100 * share, 1) for share in by_group(held[1], parts).values()],
        "size": round(float(size.mean()), 3),
        "told": {name: part and round(100 * part["coverage"], 1) for name, part in told["measured"].items()},
        "scale": told.get("scale"),
        "shape": told.get("shape"),
        "answer right": right and round(100 * right, 1),
        "warnings": {code: round(100 * n / len(y), 1) for code, n in one.counts().items()},
    }


def tell(row: dict[str, Any]) -> dict[str, Any]:
    print(json.dumps(row), flush=True)
    return row


def summed(rows: list[dict[str, Any]]) -> None:
    """The mean at each level, and at 90 % over the groups, each table or simulation counting the same."""
    rows = [row for row in rows if "coverage" in row]
    groups = [float(np.mean(row["by group"])) for row in rows if row["by group"]]
    means = np.mean([row["coverage"] for row in rows], axis=0)
    line = {f"{level:.0%}": round(float(mean), 1) for level, mean in zip(LEVELS, means, strict=True)}
    print(
        json.dumps({"n": len(rows), "mean": line, "mean by group at 90%": round(float(np.mean(groups)), 1)})
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="*", default=[300, 1000, 3000])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--tables", type=Path, help="folder of make_tables.py, with manifest.json")
    parser.add_argument("--only", nargs="*", default=[], help="names of tables")
    parser.add_argument("--seconds", type=float, default=30)
    arguments = parser.parse_args()
    if arguments.rows and arguments.repeats:
        summed(simulations(arguments.rows, arguments.repeats))
    if arguments.tables:
        summed(real(arguments.tables, arguments.only, arguments.seconds))


if __name__ == "__main__":
    main()
