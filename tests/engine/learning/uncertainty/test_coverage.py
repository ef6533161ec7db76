"""The quick form of benchmarks/coverage.py: 90 % nominal lies in 88 to 92 % on average, by group too."""

import numpy as np

from beanft.engine.learning.uncertainty.sets import fit_sets
from beanft.engine.learning.uncertainty.setting import fit_bands

Rows = tuple[np.ndarray, np.ndarray]
NEW = 4000


def even(random: np.random.Generator, n: int) -> Rows:
    said = random.normal(size=n)
    return said + random.normal(size=n), said


def growing(random: np.random.Generator, n: int) -> Rows:
    said = random.normal(size=n)
    return said + np.exp(0.7 * said) * random.normal(size=n), said


def heavy(random: np.random.Generator, n: int) -> Rows:
    said = random.normal(size=n)
    return said + random.standard_t(1.5, size=n), said


def skewed(random: np.random.Generator, n: int) -> Rows:
    said = random.normal(size=n)
    return np.exp(said + random.normal(size=n)), np.exp(said + 0.5)


def counts(random: np.random.Generator, n: int) -> Rows:
    said = random.uniform(2, 12, size=n)
    return random.poisson(said).astype(float), said


def biased(random: np.random.Generator, n: int) -> Rows:
    said = random.normal(size=n)
    return said + 2 + random.normal(size=n), said


def test_intervals_hold_nine_in_ten_on_average_and_in_each_range() -> None:
    shares, by_range = [], []
    for draw in (even, growing, heavy, skewed, counts, biased):
        for seed in range(4):
            random = np.random.default_rng(seed)
            y, said = draw(random, 600)
            bands = fit_bands(y, said, seed=seed).bands
            y, said = draw(random, NEW)
            low, high = bands.around(said, np.zeros((NEW, 0)), 0.9)
            held = (y >= low) & (y <= high)
            shares.append(held.mean())
            part = np.searchsorted(np.quantile(said, [0.25, 0.5, 0.75]), said)
            by_range.append([held[part == i].mean() for i in range(4)])
    assert 0.88 <= np.mean(shares) <= 0.92
    assert (np.abs(np.mean(by_range, axis=0) - 0.9) < 0.04).all()


def test_sets_hold_nine_in_ten_of_each_class_on_average() -> None:
    shares = []
    for weights in ([0.5, 0.5], [0.4, 0.3, 0.3], [0.8, 0.2], [0.25, 0.25, 0.25, 0.25]):
        for seed in range(4):
            random = np.random.default_rng(seed)
            n_classes = len(weights)
            margins = 0.8 * random.normal(size=(800 + NEW, n_classes)) + np.log(weights)
            chances = np.exp(margins) / np.exp(margins).sum(axis=1, keepdims=True)
            y = (margins + random.gumbel(size=margins.shape)).argmax(axis=1)
            sets = fit_sets(y[:800], chances[:800], seed=seed).sets
            found, truth = sets.of(chances[800:], 0.9), y[800:]
            right = chances[800:].argmax(axis=1) == truth
            for code in range(n_classes):
                own = truth == code
                if right[own].mean() < 0.9:  # else the answer alone is right more often, which is no fault
                    shares.append(found[own, code].mean())
    assert len(shares) > 20
    assert 0.88 <= np.mean(shares) <= 0.92
