"""Evidence and predictions made up for the judge, without any training."""

from pathlib import Path

import numpy as np

from beanft.engine.learning.estimators import build
from beanft.engine.learning.evidence import Evidence
from beanft.engine.learning.judging.judge import Judge
from beanft.engine.learning.metrics import METRIC

FOLDS = 5


def evidence(
    y, folder=Path("none"), *, metric="roc_auc", seed=0, by="", order=None, y_holdout=None, order_holdout=None
):
    """Rows cut into five folds; classification for whole numbers."""
    classes = np.issubdtype(np.asarray(y).dtype, np.integer)
    n = len(y)
    return Evidence(
        folder=folder,
        task="classification" if classes else "regression",
        target="t",
        metric=metric,
        labels=tuple(str(code) for code in range(int(y.max()) + 1)) if classes else (),
        features=("x",),
        by=by,
        seed=seed,
        rows=np.arange(n),
        rows_holdout=np.arange(0 if y_holdout is None else len(y_holdout)),
        y=y,
        y_holdout=y[:0] if y_holdout is None else y_holdout,
        order=order,
        order_holdout=order_holdout,
        fold=np.random.default_rng(seed).permutation(n) % FOLDS,
    )


def chances(p):
    """Probabilities of two classes from those of the second."""
    return np.column_stack([1 - p, p])


def shaky(y, skill, random):
    """Chances of the second class that know the truth as well as `skill` says."""
    return chances(1 / (1 + np.exp(-(skill * (y - 0.5) + random.normal(size=len(y))))))


def put(judge, held, key, predicted, *, learner="ridge", seconds=1.0):
    """Add a run with the scores of its folds."""
    metric = METRIC[held.metric]
    parts = [held.fold == k for k in range(FOLDS)]
    return judge.add(
        key,
        title=key.title(),
        learner=learner,
        predicted=predicted,
        scores=[metric.of(held.y[part], predicted[part]) for part in parts],
        test_to_train=1 / (FOLDS - 1),
        seconds=seconds,
    )


def judge_with_guess(held):
    """A judge that knows the baseline."""
    judge = Judge(held)
    put(judge, held, "baseline", guess(held, held.y), learner="baseline", seconds=0.0)
    return judge


def guess(held, y):
    """What the baseline says of rows, learned from the development rows."""
    settings = {"guess": METRIC[held.metric].guess}
    model = build("baseline", held.task, settings=settings, seed=0, n_rows=len(held.y)).fit(held.y, held.y)
    return model.predict_proba(y) if held.labels else model.predict(y)
