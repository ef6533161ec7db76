"""Times of small fits carried on, and what follows for a budget."""

from dataclasses import replace

import pytest

from beanft.engine.learning.budget.costs import Size, Timed, carried_on, cost, with_guesses
from beanft.engine.learning.choices import Choices
from beanft.engine.learning.expectation import expect
from beanft.engine.learning.prepare import plan
from beanft.engine.learning.search.clock import most_variations
from beanft.engine.learning.search.portfolio import portfolio
from beanft.engine.learning.wish import Wish
from beanft.engine.tables.columns import Column, Profile

SIZE = Size(
    n_rows=10_000, of_rows=10_000, n_locked=2_000, folds=5, n_fits=5, n_fit=6_400, width=10, shown_width=30,
    n_classes=0, row_bytes=80.0, base_mb=200, encoding_s=0.5, cores=1,
)  # fmt: skip
TARGET = Column(name="y", kind="number", stored="DOUBLE", n_missing=0, n_distinct=900, minimum=-1.0)
REMARK = Column(
    name="remark",
    kind="text",
    stored="VARCHAR",
    n_missing=0,
    n_distinct=60_000,
    top=(("a b c", 2), ("d e f", 1)),
)


def costs(*keys, seconds=0.1, size=SIZE):
    timed = Timed([800, 4_800], [seconds / 6, seconds], [1_000, 2_000])
    return [cost(key, "regression", size, timed) for key in keys]


def told(made, budget_s, size=SIZE, memory_mb=3_072, columns=(TARGET,), own=None):
    wish = Wish(
        profile=Profile(n_rows=size.of_rows, columns=tuple(dict.fromkeys((*columns, TARGET)))),
        target="y",
        features=tuple(one.name for one in columns),
        task="regression",
        metric="rmse",
        learners=tuple(one.key for one in made),
        choices=Choices(settings=own or {}),
        seed=0,
        max_rows=size.n_rows,
    )
    planned = plan(columns, n_rows=size.of_rows, n_classes=0)
    return expect(made, size, wish, planned, budget_s=budget_s, memory_mb=memory_mb)


def test_times_are_carried_on_along_both_lines():
    assert carried_on([1_000, 2_000], [1.0, 4.0], 8_000) == pytest.approx(64.0)  # squares: the logarithms
    assert carried_on([1_000, 2_000], [1.0, 1.1], 8_000) == pytest.approx(1.7)  # mostly fixed: the values
    assert carried_on([1_000], [2.0], 4_000) == 8.0
    assert carried_on([], [], 10) is None


def test_one_run_costs_all_its_folds_and_no_more_rows_than_its_learner_takes():
    ridge = costs("ridge")[0]
    assert ridge.rows == 6_400
    assert ridge.seconds == pytest.approx(5 * 0.1 * 6_400 / 4_800, rel=1e-3)
    large = replace(SIZE, n_fit=64_000)
    assert costs("neighbours", size=large)[0].rows == 10_000
    assert costs("boosting", size=replace(SIZE, cores=2))[0].seconds == pytest.approx(
        costs("boosting")[0].seconds / 2
    )


def test_a_single_tiny_fit_says_nothing_of_a_huge_table():
    made = cost("boosting", "regression", replace(SIZE, n_fit=1_000_000), Timed([800], [0.1], [1_000]))
    assert made.seconds is None
    assert made.memory_mb > 200


def test_learners_that_were_not_timed_are_guessed_from_the_others():
    untimed = cost("elastic_net", "regression", SIZE, Timed())
    ridge, guessed = with_guesses([costs("ridge")[0], untimed], SIZE)
    assert guessed.is_guess
    assert not ridge.is_guess
    assert guessed.seconds == pytest.approx(8 * ridge.seconds)  # as 2.0 to 0.25
    assert with_guesses([untimed], SIZE) == [untimed]


def test_a_long_budget_buys_every_learner_and_variations():
    found = told(costs("ridge", "boosting", "lightgbm"), 120)
    assert found["n_missed"] == 0
    assert found["n_runs"] > 20
    assert found["sentence"].startswith(
        f"In 2 minutes about {found['n_runs']} runs are likely: every learner once, and"
    )


@pytest.mark.parametrize("n_rows", [99_999, 100_000, 124_999, 125_000])
def test_candidates_for_many_rows_are_counted_where_the_search_tries_them(n_rows):
    """The search sees the rows that are not locked away: 80,000 of 100,000."""
    size = replace(SIZE, n_rows=n_rows, n_locked=round(0.2 * n_rows), n_fit=1_000)
    learners = ("boosting", "lightgbm")
    few, counted = (told(costs(*learners), 3_600, size=one)["n_runs"] for one in (SIZE, size))
    shape = {"metric": "rmse", "n_classes": 0, "skew": 0, "least": -1}
    tried = portfolio("regression", learners, {}, n_rows=n_rows - size.n_locked, **shape)
    assert counted - few == (3 if n_rows == 125_000 else 0)
    assert counted == len(tried) - 1 + most_variations(3_600)  # without the baseline


def test_a_short_budget_names_what_is_missing():
    slow = [*costs("ridge", "boosting"), *costs("support_vectors", seconds=100.0)]
    found = told(slow, 20)
    assert found["n_missed"] == 1
    assert "without Support vectors: there is no time for them." in found["sentence"]


def test_where_nothing_fits_a_longer_time_is_named():
    found = told(costs("lasso", "elastic_net", seconds=500.0), 10)
    assert found["n_runs"] == 0
    assert "no learner is likely to be done, only the baseline. Give at least" in found["sentence"]


def test_chosen_settings_are_not_varied():
    assert told(costs("boosting"), 120, own={"boosting": {"leaves": 8}})["n_runs"] == 1


def test_what_will_not_fit_is_said():
    wide = replace(SIZE, n_rows=1_000_000, of_rows=3_000_000, n_fit=640_000, shown_width=2_000, width=500)
    said = " ".join(told(costs("boosting", "network", size=wide), 120, size=wide)["warnings"])
    assert "so these will be left out: Gradient boosting" in said
    assert "This will not fit into 3,072 MB" in said
    assert "Learning will use 1,000,000 of 3,000,000 rows." in said


def test_texts_of_many_values_and_samples_are_explained():
    size = replace(SIZE, n_fit=640_000)
    found = told(costs("neighbours", size=size), 120, size=size, columns=(REMARK,))
    assert "Text column “remark” has 60,000 different values: it becomes 17 numbers." in found["warnings"]
    assert "K nearest neighbours will use 10,000 of 640,000 rows in each fit." in found["warnings"]
