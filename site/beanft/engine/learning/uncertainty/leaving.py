"""What the end of a training leaves for predicting: the uncertainty of a model, and rows to compare with."""

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from beanft.engine.learning.answering import matrix_of
from beanft.engine.learning.evidence import Evidence
from beanft.engine.learning.explaining.mixing import Mixer, weights_of
from beanft.engine.learning.search.bag import Bag
from beanft.engine.learning.serving.rows import code_rows
from beanft.engine.learning.uncertainty.background import drawn, save_background
from beanft.engine.learning.uncertainty.kept import by_name, save_uncertainty
from beanft.engine.learning.uncertainty.local import fit_by_columns
from beanft.engine.learning.uncertainty.making import make
from beanft.engine.learning.uncertainty.setting import Apart

_WEIGHTS_S = 2.0
_TIMED_ROWS = 256
_MOST_CELLS = 20_000_000  # coded at once; a table with more is judged by its predictions alone


def leave(
    evidence: Evidence,
    key: str,
    model: Mapping[str, Any],
    development: pd.DataFrame,
    locked: pd.DataFrame,
    *,
    judged: Bag,
) -> None:
    """Keep how far a model's predictions can be trusted, and rows to compare new ones with.

    Parameters
    ----------
    evidence : Evidence
        Rows, truth and what the run said of them unseen.
    key : str
        Key of the run.
    model : mapping
        What its file holds, as it will be used.
    development : DataFrame of shape (n_dev, n_features)
        The development rows, in the order of the evidence.
    locked : DataFrame of shape (n_holdout, n_features)
        The locked rows.
    judged : Bag
        The model as it was before it learned from the locked rows, too.
    """
    folder = Path(evidence.folder)
    places = drawn(evidence, development.shape[1])
    sample = development.iloc[places].reset_index(drop=True)
    save_background(folder, sample, places)
    matrix, matrix_locked = _matrices(evidence, model, development, locked)
    made = make(
        evidence,
        key,
        matrix=matrix,
        matrix_locked=matrix_locked,
        apart=None if matrix_locked is None else _apart(judged, locked, matrix_locked),
        fit_columns=fit_by_columns,
    )
    names = [str(column["name"]) for column in model["schema"]]
    mixer, coded = Mixer(model), code_rows(model, sample[names])
    weights = weights_of(mixer, coded, names, limit_s=_WEIGHTS_S)
    started = time.perf_counter()
    mixer.predict(coded.at(np.arange(_TIMED_ROWS) % len(coded)))
    more = {
        "row_s": (time.perf_counter() - started) / _TIMED_ROWS,
        "all_rows": bool(model.get("all_rows")),
        "column_weights": by_name(names, weights),
    }
    save_uncertainty(folder, key, replace(made, facts=made.facts | more))


def _apart(judged: Bag, locked: pd.DataFrame, matrix: np.ndarray) -> Apart:
    """What the models of the folds say of the locked rows, each alone."""
    coded = judged.code(locked)
    alone = [Bag(coder=judged.coder, layout=judged.layout, folds=(fold,)) for fold in judged.folds]
    return Apart(said=np.array([bag.predict(coded) for bag in alone]), matrix=matrix)


def _matrices(
    evidence: Evidence, model: Mapping[str, Any], development: pd.DataFrame, locked: pd.DataFrame
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """The columns of the tested and the locked rows as numbers; None where they are too many or not used."""
    n_rows = len(evidence.tested) + len(locked)
    if evidence.labels or n_rows * model["estimator"].coder.plan.width > _MOST_CELLS:
        return None, None
    tested = development.iloc[evidence.tested]
    return matrix_of(code_rows(model, tested)), matrix_of(code_rows(model, locked))
