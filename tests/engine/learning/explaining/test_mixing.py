"""Mixed rows take the number of a day with its date, so that a trend is the date's doing."""

import numpy as np
import pandas as pd
import pytest

from beanft.engine.learning.explaining.contributions import contributions_of, taken_apart
from beanft.engine.learning.explaining.function import Deadline
from beanft.engine.learning.explaining.mixing import Mixer, weights_of
from beanft.engine.learning.search.bag import blend
from beanft.engine.learning.serving.rows import code_rows, predict_rows
from engine.learning.serving.bags import ROLES, bag, model, table

PLAYERS = [(name,) for name in ROLES]


def later(days):
    """A row, and the same row so many days later: on the same weekday in the same week of another year."""
    row = table(9, seed=1).iloc[[3]].assign(day=pd.Timestamp("2023-05-01"))
    return row, row.assign(day=row["day"] + pd.Timedelta(days, "D"))


def apart(made, row, background):
    mixer = Mixer(made)
    asked = mixer.between(code_rows(made, row), code_rows(made, background), PLAYERS, None)
    return taken_apart(asked, PLAYERS, len(background), max_orders=2, seed=0, deadline=Deadline(60))


@pytest.mark.parametrize(
    "estimator",
    [
        lambda: bag("linear", 0),
        lambda: bag("boosting", 0, trend=True),
        lambda: blend([(0.5, bag("ridge", 0)), (0.5, bag("boosting", 0))]),
    ],
)
def test_a_trend_is_the_doing_of_its_date(estimator):
    made = model(estimator(), 0)
    before, after = later(7)
    found = apart(made, after, before)
    values = {share.columns[0]: share.value for share in found.shares}
    moved = float(predict_rows(made, after)[0] - predict_rows(made, before)[0])
    assert moved != 0
    assert values.pop("day") == pytest.approx(moved)
    assert max(map(abs, values.values())) < 1e-9 * max(1, abs(moved))
    assert found.base + moved == pytest.approx(found.prediction)


def test_contributions_add_up_and_are_those_of_the_data_frame():
    made, X = model(bag("linear", 0), 0), table(12, seed=1)
    row, background = X.iloc[[0]].reset_index(drop=True), X.iloc[1:].reset_index(drop=True)
    found = apart(made, row, background)
    assert found.base + sum(share.value for share in found.shares) == pytest.approx(found.prediction)
    framed = contributions_of(lambda rows: predict_rows(made, rows), row, background, players=PLAYERS)
    expected = {share.columns: share.value for share in framed.shares}
    for share in found.shares:
        assert share.value == pytest.approx(expected[share.columns], rel=1e-6, abs=1e-9)


def test_shuffled_dates_take_their_days_along():
    made, X = model(bag("linear", 0), 0), table(40)
    mixer, coded, order = Mixer(made), code_rows(made, X), np.roll(np.arange(40), 1)
    mixed = mixer.shuffled(coded, ["size", "day"], order)
    assert np.array_equal(mixed.days[:40], coded.days, equal_nan=True)
    assert np.array_equal(mixed.days[40:], coded.days[order], equal_nan=True)
    framed = predict_rows(made, X.assign(day=X["day"].to_numpy()[order]))
    assert mixer.predict(mixed)[40:] == pytest.approx(framed)
    weights = weights_of(mixer, coded, list(ROLES), limit_s=60.0)
    assert weights[list(ROLES).index("day")] > 0
