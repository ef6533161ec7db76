"""The job that makes a file of a model."""

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from threadpoolctl import threadpool_limits

from beanft.engine.errors import EngineError
from beanft.engine.learning import files
from beanft.engine.learning.evidence import read_rows
from beanft.engine.learning.exports.kinds import file_name
from beanft.engine.learning.exports.onnx_file import onnx_predict, onnx_reason, write_onnx
from beanft.engine.learning.exports.parity import compared
from beanft.engine.learning.exports.reproduce_zip import write_reproduce_zip
from beanft.engine.learning.exports.skops_zip import write_skops_zip
from beanft.engine.learning.exports.vectors import vectors_of
from beanft.engine.learning.exports.wanted import Export, Wanted
from beanft.engine.learning.serving.rows import predict_rows
from beanft.engine.progress import Progress
from beanft.engine.tables.files import sha256_of

_ONNX_CLOSE = 1e-5


def export(*, progress: Progress | None = None, **asked: Any) -> dict[str, Any]:
    """Make a file of a model beside it, and compare what it predicts with the model.

    Parameters
    ----------
    progress : Progress, optional
        Listener.
    **asked : object
        Fields of Export.

    Returns
    -------
    dict
        file (its name in the folder), sha256, size_bytes, versions, sentences, and what the kind adds.

    Raises
    ------
    EngineError
        The model is damaged, or cannot be written so: the sentence says which part and why.
    """
    tell, wish = progress or Progress(), Export(**asked)
    kind = _KINDS[wish.kind]
    tell(0.05, "Opening the model")
    wanted = _opened(wish)
    tell(0.1, kind.doing)
    path = wanted.trained.folder / file_name(wish.key, wish.kind)
    with threadpool_limits(limits=1):
        facts = kind.write(wanted, path)
    return {"file": path.name, "sha256": sha256_of(path), "size_bytes": path.stat().st_size} | facts


def _opened(wish: Export) -> Wanted:
    """Open the model, and find the rows on which the file is tried."""
    trained = wish.trained
    model = files.load(trained.folder / wish.file, wish.sha256)
    stored = vectors_of(
        folder=trained.folder,
        key=wish.key,
        model=model,
        sha256=wish.sha256,
        table=trained.table,
        profile=trained.profile,
    )
    return Wanted(
        trained=trained,
        key=wish.key,
        model=model,
        rows=stored.rows,
        original=Path(wish.original),
        source=wish.source,
        threshold=wish.threshold,
        title=wish.title,
    )


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


class _Kind(NamedTuple):
    """How a kind of file is made."""

    doing: str
    write: Callable[[Wanted, Path], dict[str, Any]]


_KINDS = {
    "skops": _Kind("Writing the model and trying it", write_skops_zip),
    "reproduce": _Kind("Writing the recipe and trying it", write_reproduce_zip),
    "onnx": _Kind("Writing the model as ONNX and trying it", _write_onnx),
}
