"""What is learned inside a fold: means of the target that leak nothing, words that weigh."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from beanft.engine.learning.search.coding import Coded
from beanft.engine.learning.search.folds import FoldEncoder, Layout, assemble


def coded(codes, words=()):
    codes = np.asarray(codes, dtype=np.int32).reshape(len(codes), -1)
    return Coded(numbers=np.zeros((len(codes), 1), dtype=np.float32), codes=codes, words=tuple(words))


def target_layout(n_levels, n_classes=0):
    return Layout(roles=("target",), n_levels=(n_levels,), n_classes=n_classes)


def test_means_of_new_rows_are_shrunk_to_the_overall_mean():
    codes, y = [0] * 90 + [1] * 10, np.r_[np.ones(90), np.zeros(10)]
    encoder = FoldEncoder(target_layout(2), seed=0)
    encoder.fit_transform(coded(codes), y)
    found = encoder.transform(coded([0, 1, -1]))
    assert found[:, 0] == pytest.approx([(90 + 9) / 100, 9 / 20, 0.9])
    assert found[:, 1] == pytest.approx(np.log1p([90, 10, 0]))


def test_a_training_row_never_sees_its_own_target():
    """A level of one row has no other row, so it must get the overall mean of the others."""
    random = np.random.default_rng(0)
    y = random.normal(size=400)
    found = FoldEncoder(target_layout(400), seed=0).fit_transform(coded(np.arange(400)), y)
    assert np.allclose(found[:, 0], y.mean(), atol=1e-6)


def test_random_levels_tell_nothing_of_a_random_target():
    random = np.random.default_rng(1)
    codes, y = random.integers(0, 200, 1_000), random.normal(size=1_000)
    found = FoldEncoder(target_layout(200), seed=0).fit_transform(coded(codes), y)
    assert abs(np.corrcoef(found[:, 0], y)[0, 1]) < 0.15


@pytest.mark.parametrize(("n_classes", "parts"), [(2, 2), (4, 5), (20, 0)])
def test_classes_have_a_mean_each_up_to_a_limit(n_classes, parts):
    y = np.arange(100) % n_classes
    layout = target_layout(3, n_classes)
    found = FoldEncoder(layout, seed=0).fit_transform(coded(np.arange(100) % 3), y)
    assert found.shape == (100, parts)
    assert layout.native == ([0] if n_classes == 20 else [])


def test_levels_beyond_what_trees_take_are_unknown():
    layout = Layout(roles=("levels",), n_levels=(300,), n_classes=2)
    found = assemble(coded([0, 249, 250, -1]), np.zeros((4, 0), dtype=np.float32), layout)
    assert found[:2, -1].tolist() == [0, 249]
    assert np.isnan(found[2:, -1]).all()


def test_words_of_one_subject_lie_together():
    random = np.random.default_rng(0)
    topic = np.arange(300) % 2
    counts = np.zeros((300, 40))
    for i in range(300):
        counts[i, random.choice(20, 5, replace=False) + 20 * topic[i]] = 1
    words = csr_matrix(counts)
    encoder = FoldEncoder(Layout(roles=(), n_levels=(), n_classes=2), seed=0)
    found = encoder.fit_transform(coded(np.zeros((300, 0)), [words]), topic)
    assert found.shape == (300, 16)
    again = encoder.transform(coded(np.zeros((300, 0)), [words]))
    assert np.allclose(found, again)
    centres = [found[topic == t].mean(axis=0) for t in (0, 1)]
    nearer = np.linalg.norm(found[:, None] - np.array(centres), axis=2).argmin(axis=1)
    assert (nearer == topic).mean() > 0.95


def test_a_text_without_a_common_word_has_no_parts():
    rows = Coded(
        numbers=np.zeros((6, 0), dtype=np.float32),
        codes=np.zeros((6, 0), dtype=np.int32),
        words=(csr_matrix((6, 0)), csr_matrix(np.eye(6))),
    )
    encoder = FoldEncoder(Layout(roles=(), n_levels=(), n_classes=2), seed=0)
    assert encoder.fit_transform(rows, np.array([0, 1] * 3)).shape == (6, 0)
    assert encoder.transform(rows).shape == (6, 0)
