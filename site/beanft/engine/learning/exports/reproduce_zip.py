"""The archive with the recipe of a model and the program that fits it again from the original table."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from beanft.engine.errors import EngineError
from beanft.engine.learning.evidence import open_evidence
from beanft.engine.learning.exports.data import rows_wanted
from beanft.engine.learning.exports.packing import pack, requirements, versions
from beanft.engine.learning.exports.parity import texts_of
from beanft.engine.learning.exports.reading import differing, digest_of, read_csv
from beanft.engine.learning.exports.recipe import arrays_of, frame_of, recipe_of
from beanft.engine.learning.exports.sources import package_of
from beanft.engine.learning.exports.wanted import Wanted
from beanft.engine.learning.serving.rows import predict_rows

_SCRIPT = "beanft.engine.learning.exports.scripts.fit_again"
_COLUMN = ("name", "kind", "stored", "n_missing", "n_distinct", "format", "unit", "spellings")
_TRIED_S = 60.0  # fits that took no longer together are tried here, too
_MOST_S = 600.0  # that such a trial may take


def write_reproduce_zip(wanted: Wanted, path: Path) -> dict[str, Any]:
    """Write the archive; where the fits are short, what it does is tried before it is offered.

    Parameters
    ----------
    wanted : Wanted
        The model.
    path : Path
        Where.

    Returns
    -------
    dict
        sentences, warnings, versions, needs (original or parquet: which file the program is to be given),
        tried (whether it was), and same (whether the same bits came out).

    Raises
    ------
    EngineError
        Something needed was not kept, or the table is lost.
    """
    trained = wanted.trained
    recipe = recipe_of(trained, wanted.key, wanted.model)
    evidence = open_evidence(trained.folder)
    arrays = arrays_of(evidence)
    frame = frame_of(trained, recipe, arrays)
    chosen, holdout = wanted.rows, evidence.holdout(wanted.key)
    names = [one["name"] for one in recipe["plan"]]
    shown = frame.iloc[np.searchsorted(rows_wanted(arrays), chosen)][names].reset_index(drop=True)
    columns = _columns(wanted, list(frame.columns))
    digests = {str(name): digest_of(frame[name]) for name in frame.columns}
    source = _source(wanted, columns, rows_wanted(arrays), digests)
    libraries = versions("pyarrow")
    recipe |= {
        "source": source,
        "columns": columns,
        "digests": digests,
        "versions": libraries,
        "stored_numbers": texts_of(predict_rows(wanted.model, shown)),
    }
    more = {"stored_rows": chosen} | ({} if holdout is None else {"holdout": holdout})
    package = package_of(_SCRIPT)
    contents: dict[str, str | bytes | Path] = {
        "README.md": _readme(wanted, recipe),
        "train.py": package.pop(""),
        "recipe.json": json.dumps(recipe, indent=1, ensure_ascii=False),
        "rows.npz": _arrays(arrays | more),
        "requirements.txt": requirements(libraries),
        **package,
    }
    pack(contents, path)
    table = wanted.original if source["is_csv"] else trained.table
    tried = _tried(path, table) if _seconds(wanted, recipe) <= _TRIED_S else None
    return {
        "needs": "original" if source["is_csv"] else "parquet",
        "versions": libraries,
        "tried": tried is not None,
        "same": None if tried is None else tried["same"],
        "sentences": [_given(source), *_proved(tried)],
        "warnings": _unproved(tried),
    }


def _columns(wanted: Wanted, names: list[Any]) -> list[dict[str, Any]]:
    """The columns as profiles hold them, as far as reading needs it, with their places in the file."""
    profile = wanted.trained.profile
    places = {column.name: place for place, column in enumerate(profile.columns)}
    return [
        {key: value for key, value in asdict(profile.column(name)).items() if key in _COLUMN}
        | {"place": places[name]}
        for name in map(str, names)
    ]


def _source(
    wanted: Wanted, columns: list[dict[str, Any]], rows: np.ndarray, digests: Mapping[str, str]
) -> dict[str, Any]:
    """What the original is, and whether pandas reads from it what was learned from."""
    profile = wanted.trained.profile
    found = {
        "encoding": profile.encoding,
        "delimiter": profile.delimiter,
        "quote": profile.quote,
        "escape": profile.escape,
        "n_skipped": profile.n_skipped,
        "has_header": profile.has_header,
    }
    why = _unread(wanted.original, found, columns, rows, digests)
    return dict(wanted.source) | found | {"is_csv": not why, "why": why}


def _unread(
    original: Path,
    source: Mapping[str, Any],
    columns: list[dict[str, Any]],
    rows: np.ndarray,
    digests: Mapping[str, str],
) -> str:
    """Why the original cannot be read by pandas; empty where it can."""
    try:
        frame = read_csv(original, source, columns, rows)
    except EngineError:
        return "The original is not a CSV that pandas reads as Beanft did."
    wrong = differing(frame, digests)
    listed = ", ".join(f"“{name}”" for name in wrong[:3])
    return f"pandas reads other values from the original than Beanft did, in {listed}." if wrong else ""


def _arrays(arrays: Mapping[str, np.ndarray]) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]  # numpy's stub takes them for a flag
    return stream.getvalue()


def _seconds(wanted: Wanted, recipe: Mapping[str, Any]) -> float:
    """About how long the fits take; those on all rows come on top of those in the folds."""
    took = sum(float(wanted.trained.runs[run["key"]]["seconds"]) for run in recipe["runs"])
    return took * (3.0 if recipe["again"] else 1.5)


def _tried(path: Path, table: Path) -> dict[str, Any]:
    """Run the program as its user will, in a process that knows nothing of Beanft; give its report."""
    with TemporaryDirectory() as folder:  # the job's own: a kill leaves nothing beside the models
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
        command = [sys.executable, "-E", "-s", "train.py", str(table.resolve())]
        try:
            done = subprocess.run(  # noqa: S603 -- our own program, no shell
                command, cwd=folder, capture_output=True, text=True, timeout=_MOST_S, check=False
            )
        except subprocess.TimeoutExpired:
            return {"same": False, "close": False, "words": "It took too long to be tried here."}
        report = Path(folder) / "report.json"
        if not report.exists():
            said = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
            return {"same": False, "close": False, "words": f"It was tried here and failed: {said}"}
        found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        return found | {"words": "" if found["close"] else found["sentences"][0]}


def _given(source: Mapping[str, Any]) -> str:
    if source["is_csv"]:
        return "The program reads the original file with pandas. Every value that it reads is as in training."
    return f"{source['why']} The program reads the typed Parquet file of the version instead."


def _proved(tried: Mapping[str, Any] | None) -> list[str]:
    if tried is None or not tried["close"]:
        return []
    same = "to the last bit" if tried["same"] else "but for rounding"
    return [f"It was run here, apart from Beanft: the same predictions and scores, {same}."]


def _unproved(tried: Mapping[str, Any] | None) -> list[str]:
    if tried is None:
        return ["It was not run here, because its fits take minutes. It tells whether the model is the same."]
    if tried["close"]:
        return []
    return [f"It was run here, apart from Beanft, and did not give the same model. {tried['words']}"]


def _readme(wanted: Wanted, recipe: Mapping[str, Any]) -> str:
    source, again = recipe["source"], recipe["again"]
    file = source["name"] if source["is_csv"] else "the typed Parquet file of the version"
    runs = "\n".join(_run_line(run) for run in recipe["runs"])
    last = {
        "all": "Then it is fitted once more on all rows, the locked ones too: that model predicts.",
        "development": "Then it is fitted once more on all rows but the locked ones: that model predicts.",
    }.get(again["rows"] if again else "", "The models of the folds together are the model that predicts.")
    libraries = ", ".join(f"{name} {number}" for name, number in recipe["versions"].items())
    mended = (
        "\nProbabilities are mended with the numbers in recipe.json, which were found in the search.\n"
        if recipe["calibration"]
        else ""
    )
    return f"""# {wanted.title}: fitted again

This folder fits the model again from the table, without Beanft, and compares it with the one trained before:

    pip install -r requirements.txt
    python train.py TABLE

TABLE is {file}.
{"" if source["is_csv"] else source["why"] + chr(10)}Original: “{source["name"]}”, SHA-256 {source["sha256"]}
Typed Parquet file: SHA-256 {source["parquet_sha256"]}

Another file is refused. Each column that is read is compared with what was learned from, by its digest.

## What is done

1. The rows, their cut into folds and the locked rows are those of the training (recipe.json, rows.npz).
2. These runs are fitted in every fold with their settings, seeds and numbers of trees or rounds:
{runs}
3. Their scores over the folds, and the model's predictions and score on the locked rows, are compared.
4. {last}
5. Its predictions of {len(recipe["stored_numbers"])} stored rows are compared, and it is written as
   reproduced.skops.
{mended}
The program ends with code 0 when all is the same. With the same libraries on the same kind of processor it is
the same to the last bit: {libraries}. With others, it tells the largest difference.

The score of an ensemble over the folds is not found again: its weights come from all runs of the search.
"""


def _run_line(run: Mapping[str, Any]) -> str:
    settings = ", ".join(f"{name} {value}" for name, value in run["settings"].items()) or "usual settings"
    return f"   - {run['title']} (weight {run['weight']:.3g}): {settings}"
