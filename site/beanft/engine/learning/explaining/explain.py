"""The work of an explanation job: one question asked of a trained model, answered as plain JSON."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from threadpoolctl import threadpool_limits

from beanft.engine.errors import EngineError
from beanft.engine.learning.explaining import overview, rows
from beanft.engine.learning.explaining.material import Material, open_material
from beanft.engine.learning.explaining.wording import in_owner_words_all
from beanft.engine.learning.truth_words import truth_words
from beanft.engine.progress import Progress

Question = Callable[[Material, Mapping[str, Any], Progress], dict[str, Any]]


def explain(
    *,
    kind: str,
    table: str,
    profile: dict[str, Any],
    folder: str,
    file: str,
    sha256: str,
    key: str,
    params: dict[str, Any],
    threshold: dict[str, Any] | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Answer one question about a trained model.

    Parameters
    ----------
    kind : str
        overview, effect, pair, row or counter.
    table : str
        The version's Parquet file.
    profile : dict
        Its profile as JSON.
    folder, file, sha256 : str
        The experiment's folder, the model's file in it, and its digest.
    key : str
        Key of the run.
    params : dict
        overview: label. effect: column, label. pair: columns, label. row: row (from 0), label.
        counter: row, locked, wanted, value, above. What is missing is chosen by the kind.
    threshold : dict, optional
        The one that the model's owner chose: threshold and positive.
    progress : Progress, optional
        Listener.

    Returns
    -------
    dict
        Plain JSON of less than 200 kB: kind, task, target, labels, n_development, n_locked, seconds, and
        the answer.

    Raises
    ------
    EngineError
        A file is missing or damaged, or the question does not fit the model.
    """
    started, told = time.monotonic(), progress or Progress()
    told(0.0, "Opening the model")
    if kind not in _QUESTIONS:
        raise EngineError("There is no such explanation.")
    with threadpool_limits(limits=1):
        material = open_material(
            table=table,
            profile=profile,
            folder=folder,
            file=file,
            sha256=sha256,
            key=key,
            threshold=threshold,
        )
        answer: dict[str, Any] = in_owner_words_all(
            _QUESTIONS[kind](material, params, told), truth_words(material.profile)
        )
    evidence = material.evidence
    return answer | {
        "kind": kind,
        "task": evidence.task,
        "target": evidence.target,
        "labels": list(material.labels),
        "n_development": len(evidence.rows),
        "n_locked": len(evidence.rows_holdout),
        "seconds": round(time.monotonic() - started, 2),
    }


def _overview(material: Material, params: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    return overview.overview(material, label=params.get("label"), progress=progress)


def _effect(material: Material, params: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    progress(0.1, "Asking the model")
    return overview.effect(material, column=params["column"], label=params.get("label"))


def _pair(material: Material, params: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    progress(0.1, "Asking the model")
    one, other = params["columns"]
    return overview.pair(material, columns=(one, other), label=params.get("label"))


def _row(material: Material, params: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    return rows.row_of_table(material, params["row"], label=params.get("label"), progress=progress)


def _counter(material: Material, params: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    return rows.counter_example(
        material,
        params["row"],
        locked=params.get("locked", []),
        wanted=params.get("wanted"),
        value=params.get("value"),
        above=params.get("above", True),
        progress=progress,
    )


_QUESTIONS: Mapping[str, Question] = {
    "overview": _overview,
    "effect": _effect,
    "pair": _pair,
    "row": _row,
    "counter": _counter,
}
