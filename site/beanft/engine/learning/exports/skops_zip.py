"""The archive with a model as a skops file, the program that predicts with it, and rows to prove it on."""

import csv
import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from beanft.engine.errors import EngineError
from beanft.engine.learning.checking.writing import as_typed
from beanft.engine.learning.evidence import read_rows
from beanft.engine.learning.exports.packing import pack, requirements, versions
from beanft.engine.learning.exports.parity import compared, texts_of
from beanft.engine.learning.exports.skops_file import TRUSTED, open_skops, write_skops
from beanft.engine.learning.exports.sources import package_of
from beanft.engine.learning.exports.wanted import Wanted
from beanft.engine.learning.inputs import check
from beanft.engine.learning.serving.rows import predict_rows
from beanft.engine.tables.files import sha256_of

_SCRIPT = "beanft.engine.learning.exports.scripts.predict_table"


def write_skops_zip(wanted: Wanted, path: Path) -> dict[str, Any]:
    """Write the archive, after the skops file in it was opened again and gave the same numbers.

    Parameters
    ----------
    wanted : Wanted
        The model.
    path : Path
        Where.

    Returns
    -------
    dict
        agreement (Agreement.facts), versions, sentences, and sha256 of the skops file within.

    Raises
    ------
    EngineError
        The model cannot be written so, or what was written gives other numbers.
    """
    schema = wanted.model["schema"]
    names = [column["name"] for column in schema]
    rows = _texts(read_rows(wanted.trained.table, wanted.trained.profile, names, wanted.rows), schema)
    rows = _readable(names, rows, schema)
    checked = check(names, rows, schema)
    expected = predict_rows(wanted.model, checked.columns)
    libraries = versions()
    with TemporaryDirectory() as folder:  # the job's own: a kill leaves nothing beside the models
        written = Path(folder) / "model.skops"
        write_skops(wanted.model, written)
        agreement = compared(expected, predict_rows(open_skops(written), checked.columns))
        if not agreement.is_same:
            raise EngineError(f"The file was not kept. {agreement.sentence}")
        facts = _facts(wanted, sha256_of(written), libraries)
        package = package_of(_SCRIPT)
        pack(
            {
                "README.md": _readme(wanted, facts),
                "predict.py": package.pop(""),
                "model.skops": written,
                "model.json": json.dumps(facts, indent=1, ensure_ascii=False),
                "stored_rows.csv": _csv(names, rows),
                "stored_numbers.json": json.dumps(texts_of(expected)),
                "requirements.txt": requirements(libraries),
                **package,
            },
            path,
        )
    return {
        "agreement": agreement.facts(),
        "versions": libraries,
        "inner_sha256": facts["sha256"],
        "sentences": [
            "The skops file was opened again with the list of trusted types of this site, "
            f"and asked again. {agreement.sentence}"
        ],
    }


def _facts(wanted: Wanted, sha256: str, libraries: dict[str, str]) -> dict[str, Any]:
    model = wanted.model
    return {
        "title": wanted.title,
        "target": model["target"],
        "task": model["task"],
        "labels": list(model["labels"]),
        "threshold": wanted.threshold,
        "sha256": sha256,
        "trusted_types": list(TRUSTED),
        "versions": libraries,
        "data": {"name": wanted.source["name"], "sha256": wanted.source["sha256"]},
        "columns": [
            {name: column[name] for name in ("name", "kind", "minimum", "maximum", "choices", "missing")}
            for column in model["schema"]
        ],
    }


def _readable(names: list[str], rows: list[list[str]], schema: list[dict[str, Any]]) -> list[list[str]]:
    """Those rows that the checker has nothing against."""
    wrong = {error.row for error in check(names, rows, schema).errors}
    return [row for i, row in enumerate(rows, start=1) if i not in wrong]


def _texts(frame: pd.DataFrame, schema: list[dict[str, Any]]) -> list[list[str]]:
    """The rows as they could be typed: the program reads the same values from them."""
    columns = [
        [as_typed(None if pd.isna(value) else value, column) for value in frame[column["name"]].tolist()]
        for column in schema
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def _csv(names: list[str], rows: list[list[str]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows([names, *rows])
    return stream.getvalue()


def _readme(wanted: Wanted, facts: dict[str, Any]) -> str:
    libraries = ", ".join(f"{name} {number}" for name, number in facts["versions"].items())
    return f"""# {wanted.title}

This folder predicts “{facts["target"]}” without Beanft. It needs Python 3.11 or newer and:

    pip install -r requirements.txt

Is it the same model? This predicts the stored rows and compares every bit with the site's numbers:

    python predict.py --check

Predict a table of your own (CSV in UTF-8, comma between cells, columns in any order):

    python predict.py rows.csv predictions.csv

## What is in it

* model.skops: the model. Opening a skops file runs no code: only types that somebody trusts are made from it.
  Besides those that skops itself knows to be harmless, trust these and no others:
{_listed(facts["trusted_types"])}
* model.json: its columns and classes, the SHA-256 of model.skops, and the versions of the libraries.
* predict.py and beanft_model/: the program, copied from the sources of the site.
* stored_rows.csv, stored_numbers.json: rows, and what the site predicts for them.
* SHA256SUMS: the digest of every file; `sha256sum -c SHA256SUMS` compares them.

It was made with {libraries}. The same versions give the same bits; others may differ in the last digits.
Trained on “{facts["data"]["name"]}”, SHA-256 {facts["data"]["sha256"]}.
"""


def _listed(names: list[str]) -> str:
    return "\n".join(f"  - `{name}`" for name in names)
