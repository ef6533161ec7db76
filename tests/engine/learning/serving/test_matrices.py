"""The matrix of a fold is the one that fitting had, to the last bit."""

import numpy as np
import pytest

from beanft.engine.learning.search.folds import assemble
from beanft.engine.learning.serving.matrices import Matrix
from engine.learning.serving.bags import bag, table


@pytest.mark.parametrize("n_classes", [0, 2, 9])
@pytest.mark.parametrize("n_rows", [1, 40])
def test_parts_are_those_of_fitting(n_classes, n_rows):
    estimator = bag("baseline", n_classes)
    coded = estimator.code(table(n_rows, seed=1))
    for fold in estimator.folds:
        made = Matrix(fold.encoder, estimator.layout).of(coded)
        fitted = assemble(coded, fold.encoder.transform(coded), estimator.layout)
        assert made.dtype == fitted.dtype
        assert made.flags.c_contiguous
        assert np.array_equal(made, fitted, equal_nan=True)
