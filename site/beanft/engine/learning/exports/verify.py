"""Tells whether a model still gives the numbers that it gave, and fits it again where it does not."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from beanft.engine.errors import EngineError
from beanft.engine.learning import files
from beanft.engine.learning.calibration import Calibration
from beanft.engine.learning.exports.parity import Agreement, compared
from beanft.engine.learning.exports.recipe import Trained, refit_model
from beanft.engine.learning.exports.vectors import (
    Vectors,
    keep_vectors,
    make_vectors,
    open_vectors,
    vectors_of,
)
from beanft.engine.learning.libraries import upgraded, versions_now
from beanft.engine.learning.serving.rows import predict_rows
from beanft.engine.progress import Progress
from beanft.engine.tables.columns import Profile

FIRST, SAME, REFITTED, DIFFERENT, BROKEN = "first", "same", "refitted", "different", "broken"
"""What a check can find: nothing to compare with yet; the same numbers; others, and the model was fitted
again; others, and it could not be; the file does not open, and it could not be fitted again."""


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What a check found."""

    code: str
    """first, same, refitted, different or broken."""
    sentence: str
    """The same in plain words."""
    versions: dict[str, str]
    """Libraries of today."""
    largest: float | None = None
    """Largest difference from the stored numbers before anything was done; None where there is none."""
    file: str | None = None
    """Name of the new model file; None where the old one stays."""
    sha256: str | None = None
    """Its digest."""


def verify(
    *,
    folder: str,
    key: str,
    file: str,
    sha256: str,
    table: str,
    profile: dict[str, Any],
    runs: dict[str, Any],
    weights: dict[str, float],
    choices: dict[str, Any],
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Predict the stored rows of a model again, compare, and fit it again where the numbers differ.

    Parameters
    ----------
    folder, key : str
        The experiment's folder, and the key of the run.
    file, sha256 : str
        Name of the model file in the folder, and its digest.
    table : str
        The version's Parquet file.
    profile : dict
        Its profile as JSON, the columns in their roles.
    runs : dict
        Facts of all runs of the experiment by key.
    weights : dict
        Weights of the runs in its ensemble.
    choices : dict
        Choices of the experiment.
    progress : Progress, optional
        Listener.

    Returns
    -------
    dict
        Fields of Verified, and checked_sha256: the digest of the file that was checked.
    """
    trained = Trained(
        folder=Path(folder),
        table=Path(table),
        profile=Profile.from_dict(profile),
        runs=runs,
        weights=weights,
        choices=choices,
    )
    with threadpool_limits(limits=1):
        found = _verified(trained, key, file, sha256, progress or Progress())
    return asdict(found) | {"checked_sha256": sha256}


def _verified(trained: Trained, key: str, file: str, sha256: str, tell: Progress) -> Verified:
    tell(0.05, "Opening the model")
    model, problem = _opened(trained.folder / file, sha256)
    known = open_vectors(trained.folder, key)
    known = known if known is not None and known.sha256 == sha256 else None
    if model is not None and known is None:
        return _first(trained, key, model, sha256)
    agreement = _agreement(model, known)
    if agreement is not None and agreement.is_close and known is not None:
        return _same(agreement, known)
    tell(0.2, "Fitting it again from its recipe")
    return _refitted(trained, key, model, known, agreement, problem)


def _opened(path: Path, sha256: str) -> tuple[dict[str, Any] | None, str]:
    try:
        return files.load(path, sha256), ""
    except EngineError as error:
        return None, str(error)


def _agreement(model: Mapping[str, Any] | None, known: Vectors | None) -> Agreement | None:
    """How the numbers of today agree with those stored; None where there are none of today."""
    if model is None or known is None:
        return None
    try:
        return compared(known.expected, predict_rows(model, known.cells))
    except (EngineError, AttributeError, TypeError, ValueError):  # its classes have changed since
        return None


def _first(trained: Trained, key: str, model: Mapping[str, Any], sha256: str) -> Verified:
    try:
        made = vectors_of(
            folder=trained.folder,
            key=key,
            model=model,
            sha256=sha256,
            table=trained.table,
            profile=trained.profile,
        )
    except EngineError as error:
        return Verified(
            code=BROKEN, sentence=f"Its numbers cannot be checked. {error}", versions=versions_now()
        )
    sentence = (
        "There were no stored predictions to compare with: the model is older than they are. "
        f"From now on those of {len(made.rows)} rows are kept, and the next check compares with them."
    )
    return Verified(code=FIRST, sentence=sentence, versions=versions_now())


def _same(agreement: Agreement, known: Vectors) -> Verified:
    since = upgraded(known.versions, versions_now())
    upgrade = (
        f"The libraries were upgraded ({since}), and it still gives the numbers it gave. " if since else ""
    )
    return Verified(
        code=SAME,
        sentence=f"{upgrade}{agreement.sentence}",
        versions=versions_now(),
        largest=agreement.largest,
    )


def _refitted(
    trained: Trained,
    key: str,
    model: dict[str, Any] | None,
    known: Vectors | None,
    agreement: Agreement | None,
    problem: str,
) -> Verified:
    """Fit a model again; the new one stays unless the old one is as near to the stored numbers."""
    trouble = problem or (
        agreement.sentence if agreement else "It cannot predict with the libraries of today."
    )
    told = partial(Verified, versions=versions_now(), largest=agreement.largest if agreement else None)
    try:
        content = _again(trained, key, model, known)
        after = None if known is None else compared(known.expected, predict_rows(content, known.cells))
        if agreement is not None and after is not None and after.largest >= agreement.largest:
            sentence = f"{trouble} Fitted again it came no nearer, so it was left as it is. Train it again."
            return told(code=DIFFERENT, sentence=sentence)
        name = _new_name(trained, key)
        digest = files.save(trained.folder / name, content)
        _keep(trained, key, content, known, digest)
    except EngineError as error:
        code = BROKEN if agreement is None else DIFFERENT
        return told(code=code, sentence=f"{trouble} It could not be fitted again: {error}")
    sentence = f"{trouble} So it was fitted again, from the same rows with the same settings. {_told(after)}"
    return told(code=REFITTED, sentence=sentence, file=name, sha256=digest)


def _again(trained: Trained, key: str, model: dict[str, Any] | None, known: Vectors | None) -> dict[str, Any]:
    """The content of the new file; a calibration is taken over from the stored numbers where need be."""
    content = refit_model(trained, key, model)
    if model is None and known is not None and known.calibration is not None:
        content["calibration"] = Calibration(**_tuples(known.calibration))
    return content | {"versions": versions_now()}


def _keep(trained: Trained, key: str, content: dict[str, Any], known: Vectors | None, digest: str) -> None:
    """Keep the numbers of the new model in place of the old ones."""
    if known is not None:
        keep_vectors(trained.folder, key, make_vectors(content, known.cells, known.rows, digest))
        return
    vectors_of(
        folder=trained.folder,
        key=key,
        model=content,
        sha256=digest,
        table=trained.table,
        profile=trained.profile,
    )


def _told(after: Agreement | None) -> str:
    """How the new numbers agree with those of before."""
    if after is None:
        return "There were no stored predictions to compare the new ones with."
    if after.is_close:
        return f"It gives the numbers of before: {after.sentence}"
    return (
        f"Its predictions of {after.n_rows} stored rows differ from those of before by up to "
        f"{after.largest:.3g}: read its scores with care, or train again."
    )


def _new_name(trained: Trained, key: str) -> str:
    """A name that no file has yet: the old file stays until the database names the new one."""
    number = 1
    while (trained.folder / f"{key}.again{number}.joblib").exists():
        number += 1
    return f"{key}.again{number}.joblib"


def _tuples(calibration: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in calibration.items()}
