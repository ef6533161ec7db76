from dataclasses import replace

import numpy as np
from scipy.sparse import csr_matrix

from beanft.engine.learning.search.coding import Coded
from beanft.engine.learning.uncertainty.familiar import learn


def coded(numbers: np.ndarray, codes: np.ndarray) -> Coded:
    return Coded(numbers=numbers.astype(np.float32), codes=codes.astype(np.int32), words=())


def drawn(seed: int, n: int) -> Coded:
    """Two numbers that go together, one with gaps, and a category of three levels."""
    random = np.random.default_rng(seed)
    first = random.normal(size=n)
    numbers = np.column_stack([first, first + 0.1 * random.normal(size=n), random.normal(size=n)])
    numbers[random.random(n) < 0.2, 2] = np.nan
    return coded(numbers, random.integers(0, 3, (n, 1)))


def test_rows_like_the_training_rows_are_hardly_ever_called_far() -> None:
    familiar = learn(drawn(0, 3000), np.zeros(3000, dtype=int))
    assert 0.0 <= familiar.far(drawn(1, 5000)).mean() < 0.012


def test_values_that_are_usual_alone_but_not_together_are_far() -> None:
    familiar = learn(drawn(0, 3000), np.zeros(3000, dtype=int))
    odd = coded(np.array([[2.0, -2.0, 0.0], [0.5, 0.5, 0.0]]), np.array([[0], [0]]))
    assert familiar.far(odd).tolist() == [True, False]


def test_a_row_is_as_far_alone_as_among_others() -> None:
    familiar, rows = learn(drawn(0, 500), np.zeros(500, dtype=int)), drawn(2, 150)
    edge = [replace(familiar, usual=float(one)) for one in familiar.distances(rows)[:8]]
    for one in (familiar, *edge):
        assert one.far(rows)[:40].tolist() == [one.far(rows.at(np.array([i])))[0] for i in range(40)]


def test_few_or_strange_training_rows_call_nothing_far() -> None:
    few = learn(drawn(0, 40), np.zeros(40, dtype=int))
    assert not few.far(coded(np.full((2, 3), 99.0), np.zeros((2, 1)))).any()
    empty = coded(np.full((200, 2), np.nan), np.full((200, 1), -1))
    assert not learn(empty, np.full(200, 3)).far(empty).any()
    no_columns = Coded(numbers=np.zeros((200, 0)), codes=np.zeros((200, 0)), words=(csr_matrix((200, 3)),))
    assert not learn(no_columns, np.zeros(200, dtype=int)).far(no_columns).any()


def test_one_value_for_all_makes_another_far() -> None:
    familiar = learn(coded(np.full((200, 1), 5.0), np.zeros((200, 1))), np.zeros(200, dtype=int))
    assert familiar.far(coded(np.array([[5.0], [6.0]]), np.zeros((2, 1)))).tolist() == [False, True]


def test_few_measured_rows_are_counted_as_they_are() -> None:
    few = learn(drawn(0, 160), np.zeros(160, dtype=int))
    assert few.n_rows == 80
    assert few.usual_words == "all 80 of those that were measured have"
    many = learn(drawn(0, 1000), np.zeros(1000, dtype=int))
    assert many.n_rows >= 199
    assert many.usual_words == "199 of 200 of those have"
    edge = replace(many, n_rows=198)
    assert edge.usual_words == "all 198 of those that were measured have"
