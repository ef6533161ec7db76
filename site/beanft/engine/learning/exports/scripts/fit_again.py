"""Fits the model of this folder again from the original table, and compares it with the one that was trained.

    python train.py TABLE

TABLE is the file named in recipe.json, or the typed Parquet file of the same version. Nothing of Beanft is
needed but the modules in this folder, which fit with scikit-learn and LightGBM.
"""

import json
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from beanft.engine.errors import EngineError
from beanft.engine.learning.exports.again import Judged, content_of, fit_judged, judged_bag, remake
from beanft.engine.learning.exports.data import Data, data_of, rows_wanted
from beanft.engine.learning.exports.parity import Agreement, compared, numbers_of
from beanft.engine.learning.exports.reading import differing, read_csv, read_parquet
from beanft.engine.learning.exports.skops_file import write_skops
from beanft.engine.learning.metrics import METRIC
from beanft.engine.learning.serving.rows import predict_rows
from beanft.engine.tables.files import sha256_of

_SINGLE = 1e-6  # what was said of locked rows was kept as 32 bit numbers


def main(folder: Path, arguments: Sequence[str]) -> int:
    """Do what the command line asks.

    Parameters
    ----------
    folder : Path
        Where the files of the archive are.
    arguments : sequence of str
        Of the command line.

    Returns
    -------
    int
        The exit code: 0 when all went well, and the same model came out.
    """
    if len(arguments) != 1:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    try:
        with threadpool_limits(limits=1):
            return _fitted_again(folder, Path(arguments[0]))
    except EngineError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _fitted_again(folder: Path, table: Path) -> int:
    recipe = json.loads((folder / "recipe.json").read_text(encoding="utf-8"))
    with np.load(folder / "rows.npz", allow_pickle=False) as stored:
        arrays = dict(stored)
    _tell_versions(recipe["versions"])
    frame = _read(recipe, arrays, table)
    data = data_of(recipe, arrays, frame)
    bag, judged = remake(recipe, data, _say)
    judged = judged or fit_judged(recipe, data, _say)
    model = content_of(recipe, bag)
    stored_rows = np.isin(rows_wanted(arrays), arrays["stored_rows"])
    expected = numbers_of(recipe["stored_numbers"])
    final = compared(expected, predict_rows(model, data.X.iloc[stored_rows].reset_index(drop=True)))
    _say(f"The model: {final.sentence}")
    results = [final, *_scored(recipe, arrays, data, judged)]
    write_skops(model, folder / "reproduced.skops")
    _write_report(folder, recipe, results)
    return 0 if all(one.is_close for one in results) else 1


def _read(recipe: dict[str, Any], arrays: dict[str, np.ndarray], table: Path) -> pd.DataFrame:
    """Read the rows from the original or the typed table, told apart by their digests."""
    if not table.is_file():
        raise EngineError(f"There is no file {table}.")
    digest, source = sha256_of(table), recipe["source"]
    rows = rows_wanted(arrays)
    if digest == source["parquet_sha256"]:
        frame = read_parquet(table, recipe["columns"], rows)
    elif digest == source["sha256"] and source["is_csv"]:
        frame = read_csv(table, source, recipe["columns"], rows)
    elif digest == source["sha256"]:
        raise EngineError(f"{source['why']} Give the typed Parquet file of the version instead.")
    else:
        raise EngineError(f"{table} is not the table that was trained on: its SHA-256 is {digest}.")
    wrong = differing(frame, recipe["digests"])
    if wrong:
        raise EngineError(f"These columns were not read as in training: {', '.join(wrong)}.")
    _say(f"{len(frame):,} rows were read; every value is as in training.")
    return frame


def _scored(
    recipe: dict[str, Any], arrays: dict[str, np.ndarray], data: Data, judged: Judged
) -> list[Agreement]:
    """Compare the scores with those that the site shows."""
    made = []
    title = METRIC[recipe["metric"]].title
    for run, score in zip(recipe["runs"], judged.scores, strict=True):
        made.append(_score(f"{run['title']}, {title} over the folds", run["mean"], score))
    if "holdout" in arrays:
        bag = judged_bag(recipe, data, judged, _say)
        said = predict_rows(content_of(recipe, bag), data.X.iloc[data.holdout].reset_index(drop=True))
        rows = compared(arrays["holdout"].astype(float), said.astype(np.float32).astype(float), _SINGLE)
        _say(f"Locked rows: {rows.sentence}")
        y, metric = data.y[data.holdout], METRIC[recipe["metric"]]
        shown, found = metric.of(y, arrays["holdout"]), metric.of(y, said.astype(np.float32))
        made += [rows, _score(f"The model, {title} on the locked rows", shown, found)]
    return made


def _score(what: str, expected: float, found: float) -> Agreement:
    agreement = compared(np.array([expected]), np.array([found]), _SINGLE)
    verdict = "the same" if agreement.is_same else f"a difference of {agreement.largest:.2g}"
    _say(f"{what}: {found:.8g}, shown was {expected:.8g}: {verdict}.")
    return agreement


def _tell_versions(expected: dict[str, str]) -> None:
    other = {name: version(name) for name, wanted in expected.items() if version(name) != wanted}
    told = ", ".join(f"{name} {found} instead of {expected[name]}" for name, found in other.items())
    _say(f"Other libraries than in training: {told}." if other else "The libraries are those of training.")


def _write_report(folder: Path, recipe: dict[str, Any], results: list[Agreement]) -> None:
    report = {
        "same": all(one.is_same for one in results),
        "close": all(one.is_close for one in results),
        "sentences": [one.sentence for one in results],
        "versions": {name: version(name) for name in recipe["versions"]},
    }
    (folder / "report.json").write_text(json.dumps(report, indent=1), encoding="utf-8")
    words = "It is the same model." if report["close"] else "It is another model: see above."
    _say(words)


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(Path(__file__).resolve().parent, sys.argv[1:]))
