import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beanft.engine.learning.uncertainty.local import fit_by_columns
from beanft.engine.learning.uncertainty.numbers import BOTH, ONE, Bands
from beanft.engine.learning.uncertainty.quantiles import LEVELS
from beanft.engine.learning.uncertainty.scales import BY_COLUMNS, BY_PREDICTION, EVEN, scale_from
from beanft.engine.learning.uncertainty.setting import Apart, fit_bands

NONE = np.zeros((1, 0))


def held(y: np.ndarray, bands: Bands, said: np.ndarray, matrix: np.ndarray, level: float = 0.9) -> np.ndarray:
    low, high = bands.around(said, matrix, level)
    return (y >= low) & (y <= high)


def test_errors_of_one_size_get_one_width() -> None:
    random = np.random.default_rng(0)
    said = random.normal(size=1000)
    bands = fit_bands(said + random.normal(size=1000), said).bands
    assert (bands.scale.kind, bands.shape) == (EVEN, ONE)
    low, high = bands.around(said[:5], np.zeros((5, 0)), 0.9)
    assert high - low == pytest.approx(np.full(5, 2 * 1.645), rel=0.1)


def test_errors_that_grow_with_the_prediction_get_wider_intervals() -> None:
    random = np.random.default_rng(1)
    said = random.uniform(1, 10, size=2000)
    bands = fit_bands(said + said * random.normal(size=2000), said).bands
    assert bands.scale.kind == BY_PREDICTION
    new = random.uniform(1, 10, size=5000)
    inside = held(new + new * random.normal(size=5000), bands, new, np.zeros((5000, 0)))
    for part in (new < 4, new > 7):
        assert inside[part].mean() == pytest.approx(0.9, abs=0.04)


def test_errors_that_hang_on_a_column_are_told_by_it_and_kept_as_arrays() -> None:
    random = np.random.default_rng(2)

    def rows(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        X = random.normal(size=(n, 3))
        X[random.random(size=X.shape) < 0.1] = np.nan
        return np.zeros(n), X, np.where(X[:, 0] > 0, 3.0, 0.3) * random.normal(size=n)

    said, X, y = rows(3000)
    bands = fit_bands(y, said, matrix=X, fit_columns=fit_by_columns).bands
    assert bands.scale.kind == BY_COLUMNS
    new_said, new_X, new_y = rows(5000)
    inside = held(new_y, bands, new_said, new_X)
    for part in (new_X[:, 0] > 0, new_X[:, 0] < 0):
        assert inside[part].mean() == pytest.approx(0.9, abs=0.04)
    again = scale_from(BY_COLUMNS, bands.scale.arrays())
    assert np.array_equal(again.of(new_said, new_X), bands.scale.of(new_said, new_X))
    alone = [again.of(new_said[i : i + 1], new_X[i : i + 1])[0] for i in range(50)]
    assert alone == bands.scale.of(new_said, new_X)[:50].tolist()


def test_skewed_errors_get_a_side_each() -> None:
    random = np.random.default_rng(3)
    y = random.exponential(size=2000)
    bands = fit_bands(y, np.ones(2000)).bands
    low, high = bands.around(np.ones(1), NONE, 0.9)
    assert bands.shape == BOTH
    assert low[0] == pytest.approx(0.05, abs=0.03)
    assert high[0] == pytest.approx(3.0, abs=0.3)


def test_bounds_of_whole_numbers_are_whole_and_nothing_lies_below_zero() -> None:
    random = np.random.default_rng(4)
    said = random.uniform(0.5, 6, size=800)
    y = random.poisson(said).astype(float)
    bands = fit_bands(y, said).bands
    assert bands.whole
    low, high = bands.around(said, np.zeros((800, 0)), 0.9)
    assert np.array_equal(low, np.rint(low))
    assert np.array_equal(high, np.rint(high))
    assert low.min() >= 0
    assert ((y >= low) & (y <= high)).mean() > 0.88
    assert bands.around(np.array([-3.0]), NONE, 0.9)[0].tolist() == [-3.0]


def test_a_constant_prediction_of_counts_keeps_its_ties_inside() -> None:
    y = np.repeat([0.0, 1.0, 2.0, 3.0, 9.0], [50, 50, 50, 45, 5])
    said = np.full(200, np.float64(np.float32(1 / 3)))  # as it is kept, in 32 bits
    low, high = fit_bands(y, said).bands.around(np.array([1 / 3]), NONE, 0.8)
    assert (low[0], high[0]) == (0.0, 3.0)


def test_too_few_rows_give_no_interval_rather_than_a_wrong_one() -> None:
    bands = fit_bands(np.arange(30.0), np.arange(30.0) + 0.1).bands
    low, high = bands.around(np.zeros(2), np.zeros((2, 0)), 0.99)
    assert np.isnan(low).all()
    assert np.isnan(high).all()
    assert np.isfinite(bands.around(np.zeros(2), np.zeros((2, 0)), 0.95)[0]).all()


def test_what_is_measured_of_a_row_was_set_without_it() -> None:
    y = np.zeros(200)
    y[7] = 1e6  # were it among those that set its own bounds, 99 % would hold it
    fitted = fit_bands(y, np.zeros(200), seed=3)
    assert not fitted.low[-1][7] <= y[7] <= fitted.high[-1][7]


def test_rows_of_a_new_group_are_held() -> None:
    random, shares = np.random.default_rng(5), []
    for seed in range(30):
        groups = np.repeat(np.arange(40), 10)
        y = 3 * random.normal(size=40)[groups] + random.normal(size=400)
        bands = fit_bands(y, np.zeros(400), clusters=groups, seed=seed).bands
        new = 3 * random.normal(size=2000) + random.normal(size=2000)
        shares.append(held(new, bands, np.zeros(2000), np.zeros((2000, 0))).mean())
    assert 0.88 < np.mean(shares) < 0.94


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.floats(-1e9, 1e9), min_size=20, max_size=60),
    st.floats(0.0, 1e6),
    st.integers(0, 3),
)
def test_bounds_are_in_order_hold_the_prediction_and_widen_with_the_level(
    values: list[float], size: float, seed: int
) -> None:
    y = np.array(values)
    said = y + size * np.random.default_rng(seed).normal(size=len(y))
    bands = fit_bands(y, said, seed=seed).bands
    before: tuple[np.ndarray, np.ndarray] | None = None
    for level in LEVELS:
        low, high = bands.around(said, np.zeros((len(y), 0)), level)
        if np.isnan(low).any():
            assert np.isnan(low).all()
            assert len(y) < 100
            continue
        nearest = np.rint(said) if bands.whole else said
        assert (low <= nearest).all()
        assert (nearest <= high).all()
        if before is not None:
            assert (low <= before[0]).all()
            assert (high >= before[1]).all()
        before = low, high


def test_the_average_of_models_that_differ_gets_narrower_intervals_than_each_of_them() -> None:
    random, shares = np.random.default_rng(7), []
    for seed in range(20):
        said = random.normal(size=400)
        y = said + random.normal(size=400) + 0.6 * random.normal(size=400)  # noise, and one model's errors
        alone = said + 0.6 * random.normal(size=(5, 400))
        apart = Apart(said=alone, matrix=np.zeros((400, 0)))
        bands = fit_bands(y, said, apart=apart, seed=seed).bands
        new = random.normal(size=2000) + 0.6 * random.normal(size=(5, 2000)).mean(axis=0)
        shares.append(held(new, bands, np.zeros(2000), np.zeros((2000, 0))).mean())
    assert 0.88 < np.mean(shares) < 0.92


def test_models_that_differ_wildly_do_not_make_intervals_vanish() -> None:
    random = np.random.default_rng(8)
    y = random.normal(size=200)
    plain = fit_bands(y, np.zeros(200)).bands
    apart = Apart(said=99 * random.normal(size=(5, 50)), matrix=np.zeros((50, 0)))
    narrow = fit_bands(y, np.zeros(200), apart=apart).bands
    assert narrow.bounds[:3] == pytest.approx(0.85 * plain.bounds[:3])


def test_errors_that_grow_with_time_make_intervals_wider_for_what_comes() -> None:
    random = np.random.default_rng(9)
    moments = np.arange(2000)
    y = (1 + moments / 1000) * random.normal(size=2000)
    plain = fit_bands(y, np.zeros(2000))
    fitted = fit_bands(y, np.zeros(2000), moments=moments)
    assert fitted.widened[1] > 1.1
    new = 3.0 * random.normal(size=3000)
    nothing = np.zeros((3000, 0))
    later, before = (held(new, one.bands, np.zeros(3000), nothing).mean() for one in (fitted, plain))
    assert before < later
    assert later > 0.85
    earliest = moments < 400
    assert np.isnan(fitted.low[1][earliest]).all()
    inside = (y >= fitted.low[1]) & (y <= fitted.high[1])
    assert inside[~earliest].mean() > 0.85


def test_errors_that_stay_the_same_over_time_need_no_widening() -> None:
    random = np.random.default_rng(10)
    fitted = fit_bands(random.normal(size=2000), np.zeros(2000), moments=np.arange(2000))
    assert fitted.widened[1] < 1.06
    assert fit_bands(random.normal(size=300), np.zeros(300), moments=np.zeros(300)).widened == (1.0,) * 4


def test_a_model_that_is_always_right_has_intervals_without_width() -> None:
    y = np.linspace(-5.5, 1e9, 300)
    for one_error in (0.0, 1e11):
        truth = y.copy()
        truth[17] += one_error
        bands = fit_bands(truth, y).bands
        low, high = bands.around(y, np.zeros((300, 0)), 0.9)
        assert (high - low <= 1e-5 * (1 + np.abs(y))).all()
        assert (low <= y).all()
        assert (y <= high).all()


@pytest.mark.parametrize(("power", "kind"), [(0.0, "even"), (0.5, "prediction"), (1.0, "prediction")])
def test_intervals_widen_where_errors_grow_and_only_there(power, kind):
    """Errors that grow with the root of what is predicted are no chance, though few rows miss."""
    kinds = []
    for seed in range(10):
        random = np.random.default_rng(seed)
        price = random.uniform(1, 7, 600)
        error = 0.6 * (price / 4) ** power * random.normal(size=600)
        kinds.append(fit_bands(price + error, price, seed=seed).bands.scale.kind)
    assert kinds.count(kind) >= 8
    assert kind != "even" or kinds.count(kind) == 10
