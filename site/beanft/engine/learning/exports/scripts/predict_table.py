"""Predicts the rows of a CSV with the model in this folder.

    python predict.py rows.csv [predictions.csv]
    python predict.py --check

The second form predicts the stored rows and compares with the numbers that the site gave for them.
"""

import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from beanft.engine.errors import EngineError
from beanft.engine.learning.exports.parity import compared, numbers_of
from beanft.engine.learning.exports.skops_file import open_skops
from beanft.engine.learning.inputs import check
from beanft.engine.learning.predict import answer_of
from beanft.engine.learning.serving.rows import predict_rows
from beanft.engine.tables.files import sha256_of


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
        The exit code: 0 when all went well.
    """
    if not 1 <= len(arguments) <= 2:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    try:
        facts = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        if sha256_of(folder / "model.skops") != facts["sha256"]:
            raise EngineError("model.skops is not the file that was made: it was changed or damaged.")
        model = open_skops(folder / "model.skops")
        with threadpool_limits(limits=1):
            if arguments[0] == "--check":
                return _checked(folder, model)
            return _predicted(model, Path(arguments[0]), Path((*arguments, "predictions.csv")[1]), facts)
    except EngineError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _checked(folder: Path, model: dict[str, Any]) -> int:
    """Predict the stored rows, and say how far the numbers are from those of the site."""
    predicted, _ = _answered(model, folder / "stored_rows.csv")
    stored = numbers_of(json.loads((folder / "stored_numbers.json").read_text(encoding="utf-8")))
    agreement = compared(stored, predicted)
    sys.stdout.write(f"{agreement.sentence}\n")
    return 0 if agreement.is_close else 1


def _predicted(model: dict[str, Any], path: Path, target: Path, facts: dict[str, Any]) -> int:
    predicted, (names, rows) = _answered(model, path)
    labels = model["labels"]
    answers = answer_of(predicted, labels, facts["threshold"])
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*names, "prediction", *(f"probability of {label}" for label in labels)])
        for row, answer, numbers in zip(rows, answers, predicted, strict=True):
            chances = [repr(float(one)) for one in numbers] if labels else []
            writer.writerow([*row, answer if labels else repr(float(answer)), *chances])
    sys.stdout.write(f"{len(rows):,} rows were predicted into {target}.\n")
    return 0


def _answered(model: dict[str, Any], path: Path) -> tuple[np.ndarray, tuple[list[str], list[list[str]]]]:
    """Read, check and predict a CSV; what must be corrected is told by row and column."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            names, *rows = list(csv.reader(file)) or [[]]
    except (OSError, UnicodeError, csv.Error) as error:
        raise EngineError(f"{path} cannot be read as a CSV in UTF-8: {error}") from None
    checked = check(names, rows, model["schema"])
    if checked.n_errors:
        raise EngineError("\n".join(error.text for error in checked.errors))
    for repair in checked.repairs[:20]:
        sys.stderr.write(f"{repair.text}\n")
    return predict_rows(model, checked.columns), (names, rows)


if __name__ == "__main__":
    raise SystemExit(main(Path(__file__).resolve().parent, sys.argv[1:]))
