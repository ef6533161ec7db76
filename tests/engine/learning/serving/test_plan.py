"""What folds share is made once, and is what each of them would have made."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.learning.search.bag import blend
from engine.learning.serving import bags

PLAIN = ("size", "colour")
"""Nothing of these is learned from other rows, so all folds have the same matrix."""
LEARNERS = ["boosting", "lightgbm", "ridge", "extra_trees", "network", "neighbours", "support_vectors"]


@pytest.mark.parametrize("learner", LEARNERS)
def test_a_shared_matrix_gives_the_bits_of_one_for_each_fold(learner: str) -> None:
    bag = bags.bag(learner, 0, names=PLAIN)
    coded = bag.code(bags.table(60, seed=1))
    shared = bag.predict(coded)
    assert bag._plan._is_shared
    bag._plan._is_shared = False
    try:
        assert np.array_equal(shared, bag.predict(coded))
    finally:
        bag._plan._is_shared = True


def test_models_that_see_other_columns_are_not_weighed_together() -> None:
    one, other = bags.bag("ridge", 0, names=PLAIN), bags.bag("ridge", 0)
    with pytest.raises(EngineError, match="different releases"):
        blend([(0.5, one), (0.5, other)])


def test_other_words_in_the_notes_do_not_hinder_it() -> None:
    one = bags.bag("ridge", 0, names=PLAIN)
    other = pickle.loads(pickle.dumps(one))
    other.coder.plan = replace(other.coder.plan, notes=("In the words of another release.",))
    coded = one.code(bags.table(20, seed=1))
    assert np.allclose(blend([(0.5, one), (0.5, other)]).predict(coded), one.predict(coded))
