"""The job that makes a file of a model."""

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from beanft.engine.errors import EngineError
from beanft.engine.learning import files
from beanft.engine.learning.evidence import read_rows
from beanft.engine.learning.exports.kinds import file_name
from beanft.engine.learning.exports.onnx_file import onnx_predict, onnx_reason, write_onnx
from beanft.engine.learning.exports.parity import compared
from beanft.engine.learning.exports.reading import sha256_of
from beanft.engine.learning.exports.recipe import Trained
from beanft.engine.learning.exports.reproduce_zip import write_reproduce_zip
from beanft.engine.learning.exports.skops_zip import write_skops_zip
from beanft.engine.learning.exports.vectors import vectors_of
from beanft.engine.learning.exports.wanted import Wanted
from beanft.engine.learning.serving.rows import predict_rows
from beanft.engine.progress import Progress
from beanft.engine.tables.columns import Profile

_ONNX_CLOSE = 1e-5


def export(
    *,
    kind: str,
    folder: str,
    key: str,
    file: str,
    sha256: str,
    table: str,
    profile: dict[str, Any],
    original: str,
    source: dict[str, Any],
    runs: dict[str, Any],
    weights: dict[str, float],
    choices: dict[str, Any],
    threshold: dict[str, Any] | None,
    title: str,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Make a file of a model beside it, and compare what it predicts with the model.

    Parameters
    ----------
    kind : str
        One of kinds.KINDS.
    folder, key : str
        The experiment's folder, and the key of the run.
    file, sha256 : str
        Name of the model file in the folder, and its digest.
    table : str
        The version's Parquet file.
    profile : dict
        Its profile as JSON, the columns in their roles.
    original : str
        The file that was brought.
    source : dict
        name and sha256 of it, and parquet_sha256.
    runs : dict
        Facts of all runs of the experiment by key.
    weights : dict
        Weights of the runs in its ensemble.
    choices : dict
        Choices of the experiment.
    threshold : dict or None
        threshold and positive, as the model's owner chose.
    title : str
        Heading of what is written.
    progress : Progress, optional
        Listener.

    Returns
    -------
    dict
        file (its name in the folder), sha256, size_bytes, versions, sentences, and what the kind adds.

    Raises
    ------
    EngineError
        The model is damaged, or cannot be written so: the sentence says which part and why.
    """
    (progress or Progress())(0.05, "Opening the model")
    place = Path(folder)
    trained = Trained(
        folder=place,
        table=Path(table),
        profile=Profile.from_dict(profile),
        runs=runs,
        weights=weights,
        choices=choices,
    )
    model = files.load(place / file, sha256)
    stored = vectors_of(
        folder=place, key=key, model=model, sha256=sha256, table=trained.table, profile=trained.profile
    )
    wanted = Wanted(
        trained=trained,
        key=key,
        model=model,
        rows=stored.rows,
        original=Path(original),
        source=source,
        threshold=threshold,
        title=title,
    )
    path = place / file_name(key, kind)
    (progress or Progress())(0.1, _DOING[kind])
    with threadpool_limits(limits=1):
        facts = _WRITERS[kind](wanted, path)
    return {"file": path.name, "sha256": sha256_of(path), "size_bytes": path.stat().st_size} | facts


def _write_onnx(wanted: Wanted, path: Path) -> dict[str, Any]:
    """Write the model as ONNX; what disagrees with the model is not kept."""
    reason = onnx_reason(wanted.model)
    if reason:
        raise EngineError(reason)
    facts = write_onnx(wanted.model, path)
    trained, names = wanted.trained, [column["name"] for column in wanted.model["schema"]]
    rows = read_rows(trained.table, trained.profile, names, wanted.rows)
    found = onnx_predict(path, wanted.model, rows)
    agreement = compared(predict_rows(wanted.model, rows), found, _ONNX_CLOSE)
    if not agreement.is_close:
        path.unlink()
        raise EngineError(f"The ONNX file was not kept. {agreement.sentence}")
    told = (
        f"ONNX Runtime predicted {agreement.n_rows:,} stored rows from the file: the largest difference "
        f"is {agreement.largest:.2g}."
    )
    libraries = {name: version(name) for name in ("onnx", "onnxruntime")}
    return facts | {"agreement": agreement.facts(), "sentences": [told], "versions": libraries}


_WRITERS: dict[str, Callable[[Wanted, Path], dict[str, Any]]] = {
    "skops": write_skops_zip,
    "reproduce": write_reproduce_zip,
    "onnx": _write_onnx,
}
_DOING = {
    "skops": "Writing the model and trying it",
    "reproduce": "Writing the recipe and trying it",
    "onnx": "Writing the model as ONNX and trying it",
}
