"""A table with a trend, learned by time: what comes later is foretold, and told as what it is."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from beanft.engine.learning import files
from beanft.engine.learning.search.trials import new_facts
from beanft.engine.learning.serving.rows import predict_rows
from beanft.engine.learning.uncertainty.familiar import learn
from engine.learning.conftest import train_frame


def climbing(n_rows: int = 400) -> pd.DataFrame:
    """A number that climbs by 0.5 a day, and by 20 where two columns are high together."""
    random = np.random.default_rng(0)
    table = pd.DataFrame(random.normal(size=(n_rows, 2)).round(4), columns=["a", "b"])
    table["day"] = pd.date_range("2023-01-02", periods=n_rows).strftime("%Y-%m-%d")
    both = (table["a"] > 0) & (table["b"] > 0)
    table["sold"] = (100 + 0.5 * np.arange(n_rows) + 20 * both + random.normal(0, 2, n_rows)).round(2)
    return table


@pytest.mark.slow
def test_a_model_by_time_carries_a_trend_on(tmp_path):
    choices = {"validation": {"by": "time", "column": "day"}}
    trained = train_frame(
        climbing(), tmp_path, "sold", task="regression", learners=["ridge", "boosting"], choices=choices
    )
    beside = trained.listener.run("boosting-2")
    assert beside["title"] == "Gradient boosting 2 beside a trend"
    assert beside["settings"]["trend"] is True
    plain = trained.listener.run("boosting")
    assert beside["mean"] < 10 < trained.listener.run("ridge")["mean"] + 5 < plain["mean"]
    judged = trained.result["judged"]
    assert judged["final"]["metrics"]["rmse"]["value"] < 6
    assert judged["references"]["baseline"]["metrics"]["rmse"]["value"] > 100
    final = trained.listener.run(trained.result["final"])
    model = files.load(trained.folder / final["file"], final["sha256"])
    later = pd.DataFrame(
        {"a": -1.0, "b": -1.0, "day": pd.to_datetime(["2024-02-05", "2024-12-30", "2060-12-27"])}
    )
    near, year, far = predict_rows(model, later)
    assert near == pytest.approx(300, abs=10)
    assert year == pytest.approx(464, abs=25)
    assert far < 550  # a line goes on for as many days as there were, no further
    known = climbing().assign(day=lambda table: pd.to_datetime(table["day"])).sample(frac=1, random_state=0)
    familiar = learn(model["estimator"].code(known), np.zeros(len(known), dtype=np.int64))
    assert np.isfinite(familiar.usual)
    assert not familiar.far(model["estimator"].code(later)).any()  # a row is not strange for being later


@pytest.mark.parametrize(
    ("settings", "title"),
    [
        ({}, "LightGBM 2"),
        ({"trend": True}, "LightGBM 2 beside a trend"),
        ({"trend": False}, "LightGBM 2 without a trend"),
        ({"log": True, "trend": True}, "LightGBM 2 of the logarithm beside a trend"),
    ],
)
def test_a_run_says_in_its_title_what_its_target_was_made_of(settings, title):
    folds = SimpleNamespace(test_to_train=0.25)
    question = SimpleNamespace(task="regression", metric="rmse", folds=folds)
    assert new_facts("lightgbm-2", "lightgbm", settings, question)["title"] == title
