"""The same row gives the same bits: alone, in a block, among others in any order, in any thread."""

import pickle
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from beanft.engine.learning.calibration import Calibration
from beanft.engine.learning.learners import learners_for
from beanft.engine.learning.search.folds import assemble
from beanft.engine.learning.serving import rows
from beanft.engine.learning.serving.evaluators import READY
from beanft.engine.learning.serving.rows import code_rows, predict_coded, predict_rows
from beanft.engine.learning.serving.threads import one_thread
from engine.learning.serving.bags import arrays, bag, ensemble, model, table

CLASSIFIERS = [one.key for one in learners_for("classification")]
REGRESSORS = [one.key for one in learners_for("regression")]
CASES = [
    *((learner, n_classes) for learner in CLASSIFIERS for n_classes in (2, 9)),
    *((learner, 0) for learner in REGRESSORS),
]
ALL = [(CLASSIFIERS, 2), (CLASSIFIERS, 9), (REGRESSORS, 0)]
N_ROWS = 33
MENDED = {
    "none": None,
    "temperature": Calibration(kind="temperature", numbers=(1.3,)),
    "sigmoid": Calibration(kind="sigmoid", numbers=(0.7, 0.2)),
    "isotonic": Calibration(kind="isotonic", numbers=(0.1, 0.5, 0.9), heights=(0.2, 0.4, 0.7)),
}


def cut(columns, rows):
    return {name: cells[rows] for name, cells in columns.items()}


def same_bits(made):
    """The rows of another table, one at a time, shuffled, a few at a time, and as a frame."""
    X = table(N_ROWS, seed=1)
    columns = arrays(X)
    whole = predict_rows(made, columns)
    shape = (N_ROWS, len(made["labels"])) if made["labels"] else (N_ROWS,)
    assert whole.shape == shape
    assert np.isfinite(whole).all()
    order = np.random.default_rng(0).permutation(N_ROWS)
    assert predict_rows(made, cut(columns, order)).tobytes() == whole[order].tobytes()
    alone = np.concatenate([predict_rows(made, cut(columns, slice(i, i + 1))) for i in range(N_ROWS)])
    assert alone.tobytes() == whole.tobytes()
    few = np.concatenate([predict_rows(made, cut(columns, slice(i, i + 6))) for i in range(0, N_ROWS, 6)])
    assert few.tobytes() == whole.tobytes()
    assert predict_rows(made, X).tobytes() == whole.tobytes()
    assert predict_rows(made, X.iloc[[7]]).tobytes() == whole[[7]].tobytes()


@pytest.mark.parametrize(("learner", "n_classes"), CASES)
def test_a_row_has_the_same_bits_whatever_the_rows_around_it(learner, n_classes):
    same_bits(model(bag(learner, n_classes), n_classes))


@pytest.mark.parametrize(("learners", "n_classes"), ALL)
def test_a_row_of_an_ensemble_has_the_same_bits(learners, n_classes):
    same_bits(model(ensemble(learners, n_classes), n_classes))


@pytest.mark.parametrize("kind", MENDED)
def test_mended_probabilities_have_the_same_bits(kind):
    same_bits(model(bag("logistic", 2), 2, MENDED[kind]))


@pytest.mark.parametrize("n_classes", [9])
def test_tempered_probabilities_of_many_classes_have_the_same_bits(n_classes):
    same_bits(model(bag("lightgbm", n_classes), n_classes, MENDED["temperature"]))


@pytest.mark.parametrize("learner", ["boosting", "network", "linear", "lightgbm"])
def test_a_logarithm_is_undone_with_the_same_bits(learner):
    same_bits(model(bag(learner, 0, log=True), 0))


@pytest.mark.parametrize("learner", ["boosting", "lightgbm"])
def test_trees_beside_a_trend_have_the_same_bits(learner):
    estimator = bag(learner, 0, trend=True)
    same_bits(model(estimator, 0))
    coded = estimator.code(table(N_ROWS, seed=1))
    own = [
        member.predict(assemble(coded, fold.encoder.transform(coded), estimator.layout))
        for fold in estimator.folds
        for _, member in fold.members
    ]
    assert estimator.predict(coded) == pytest.approx(np.mean(own, axis=0), rel=1e-10)


@pytest.mark.parametrize(("learner", "n_classes"), CASES)
def test_what_is_served_is_what_the_estimators_say(learner, n_classes):
    estimator = bag(learner, n_classes)
    coded = estimator.code(table(N_ROWS, seed=1))
    own = [
        member.predict(assemble(coded, fold.encoder.transform(coded), estimator.layout))
        for fold in estimator.folds
        for _, member in fold.members
    ]
    assert estimator.predict(coded) == pytest.approx(np.mean(own, axis=0), rel=1e-10, abs=1e-13)


@pytest.mark.parametrize(("learner", "n_classes"), CASES)
def test_every_learner_has_a_ready_form(learner, n_classes):
    for fold in bag(learner, n_classes).folds:
        assert type(fold.members[0][1].model).__name__ in READY


def test_blocks_do_not_show(monkeypatch):
    made, columns = model(ensemble(REGRESSORS, 0), 0), arrays(table(N_ROWS, seed=1))
    whole, coded = predict_rows(made, columns), code_rows(made, columns)
    assert predict_coded(made, coded).tobytes() == whole.tobytes()
    monkeypatch.setattr(rows, "_MOST_ROWS", 7)
    assert predict_rows(made, columns).tobytes() == whole.tobytes()
    assert predict_rows(made, table(N_ROWS, seed=1)).tobytes() == whole.tobytes()
    assert predict_coded(made, coded).tobytes() == whole.tobytes()


@pytest.mark.parametrize("n_classes", [0, 9])
def test_no_rows_give_no_predictions(n_classes):
    made = model(bag("boosting", n_classes), n_classes, MENDED["temperature"] if n_classes else None)
    empty = table(75).iloc[:0]
    shape = (0, 9) if n_classes else (0,)
    assert predict_rows(made, empty).shape == shape
    assert predict_rows(made, arrays(empty)).shape == shape
    assert predict_coded(made, code_rows(made, empty)).shape == shape


def test_a_block_is_narrow_where_rows_are_wide():
    made = model(bag("linear", 0), 0)
    assert rows._block_rows(made) == rows._MOST_ROWS
    assert rows._block_rows(made | {"labels": ["x"] * 5_000}) == 400


def test_threads_share_a_model():
    made, columns = model(ensemble(CLASSIFIERS, 9), 9), arrays(table(N_ROWS, seed=1))
    whole = predict_rows(made, columns)
    fresh = pickle.loads(pickle.dumps(made))  # its plan is not made yet: all threads ask for it at once
    begin = threading.Barrier(4)

    def ask(i):
        begin.wait()
        return predict_rows(fresh, cut(columns, slice(i, i + 1)))

    with ThreadPoolExecutor(4) as pool:
        said = np.concatenate(list(pool.map(ask, range(4))))
    assert said.tobytes() == whole[:4].tobytes()


def test_sums_use_one_thread_also_in_a_thread_that_was_begun_later():
    with threadpool_limits(limits=2):
        found = []

        def look():
            one_thread()
            found.extend(one["num_threads"] for one in threadpool_info())

        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert found
    assert set(found) == {1}


def test_what_is_made_of_a_model_is_not_saved_with_it():
    estimator = bag("ridge", 0)
    before = pickle.dumps(pickle.loads(pickle.dumps(estimator)))
    estimator.predict(estimator.code(table(3)))
    assert "_plan" in vars(estimator)
    assert "_plan" not in vars(pickle.loads(pickle.dumps(estimator)))
    assert pickle.dumps(pickle.loads(pickle.dumps(estimator))) == before


def test_a_guess_that_deals_gives_a_row_its_class_wherever_it_stands():
    made = model(bag("baseline", 3, guess="dealt"), 3)
    same_bits(made)
    X = table(3_000, seed=2)
    dealt = np.bincount(predict_rows(made, X).argmax(axis=1), minlength=3) / 3_000
    shares = made["estimator"].folds[0].members[0][1].model.shares
    assert np.abs(dealt - shares).max() < 0.04
