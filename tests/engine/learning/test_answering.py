from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.learning import answering, files
from beanft.engine.learning.answering import answer_rows
from beanft.engine.learning.answers import OUTSIDE, Answers
from beanft.engine.learning.inputs import check
from beanft.engine.learning.uncertainty.kept import Uncertainty, load_uncertainty
from beanft.engine.learning.uncertainty.scales import Even
from beanft.engine.learning.uncertainty.sets import Sets
from engine.learning.conftest import Trained, flowers, train_frame

COLUMNS = [
    "sepal length",
    "sepal width",
    "petal length",
    "petal width",
    "city",
    "wet",
    "day",
    "code",
    "remark",
]


@pytest.fixture(scope="module")
def lengths(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp("lengths")
    choices = {"validation": {"folds": 3}}
    return train_frame(
        flowers(), folder, "petal length", task="regression", learners=["linear"], choices=choices
    )


def opened(trained: Trained, key: str) -> tuple[dict[str, Any], Uncertainty]:
    run = trained.listener.run(key)
    model = files.load(trained.folder / run["file"], run["sha256"])
    return model, load_uncertainty(trained.folder, key)


def asked(model: dict[str, Any], table: pd.DataFrame, **changed: Any) -> Any:
    """Rows of a table as a form sends them, some columns changed."""
    names = [column["name"] for column in model["schema"]]
    cells = [
        [None if value is None or value != value else str(value) for value in row]
        for row in table.assign(**changed)[names].astype(object).itertuples(index=False)
    ]
    return check(names, cells, model["schema"])


def told(answers: Answers, i: int = 0) -> dict[str, str]:
    return {one["code"]: one["sentence"] for one in answers.told(i)}


@pytest.mark.parametrize("key", ["logistic", "random_forest", "neighbours", "support_vectors"])
def test_a_row_is_answered_alike_alone_and_among_others(flower_models: Trained, key: str) -> None:
    model, known = opened(flower_models, key)
    table = flowers().iloc[:30]
    together = answer_rows(model, asked(model, table), uncertainty=known)
    for i in (0, 7, 29):
        alone = answer_rows(model, asked(model, table.iloc[i : i + 1]), uncertainty=known)
        assert alone.facts(0) == together.facts(i)
        assert alone.predicted.tobytes() == together.predicted[i : i + 1].tobytes()


def test_numbers_have_intervals_that_widen_with_the_level(lengths: Trained) -> None:
    model, known = opened(lengths, "linear")
    checked = asked(model, flowers())
    narrow, wide = (answer_rows(model, checked, uncertainty=known, level=level) for level in (0.8, 0.95))
    assert narrow.low is not None
    assert narrow.high is not None
    assert wide.low is not None
    assert (narrow.low <= narrow.predicted).all()
    assert (narrow.predicted <= narrow.high).all()
    assert (wide.low <= narrow.low).all()
    assert narrow.sets is None
    y = flowers()["petal length"].to_numpy()
    assert ((y >= narrow.low) & (y <= narrow.high)).mean() > 0.7
    inside = ~np.isnan(narrow.confidence)
    assert inside.sum() > 120
    assert (narrow.confidence >= wide.confidence)[inside].all()
    assert ((narrow.confidence >= 0) & (narrow.confidence <= 1))[inside].all()
    alone = answer_rows(model, asked(model, flowers().iloc[3:4]), uncertainty=known, level=0.8)
    assert alone.facts(0) == narrow.facts(3)


def test_a_level_that_has_too_few_rows_gives_a_sentence_and_no_interval(lengths: Trained) -> None:
    model, known = opened(lengths, "linear")
    why = "too few rows"
    few = Uncertainty(
        rule=known.rule,
        known=known.known | {"levels": known.known["levels"] | {"0.99": {"why_not": why}}},
        folder=known.folder,
    )
    answers = answer_rows(model, asked(model, flowers().iloc[:2]), uncertainty=few, level=0.99)
    assert answers.facts(0)["low"] is None
    assert answers.facts(0)["confidence"] is None
    assert told(answers)["no_interval"] == why


def test_classes_have_sets_with_the_answer(flower_models: Trained) -> None:
    model, known = opened(flower_models, "logistic")
    answers = answer_rows(model, asked(model, flowers()), uncertainty=known, level=0.95)
    assert answers.sets is not None
    for i in range(len(answers)):
        assert answers.values[i] in answers.set_of(i)
        is_outside = bool(set(answers.warnings[i]) & set(OUTSIDE))
        assert np.isnan(answers.confidence[i]) == is_outside
        assert is_outside or answers.confidence[i] == answers.predicted[i].max()
    assert np.isfinite(answers.confidence).sum() > 120
    assert answers.low is None


def test_a_threshold_decides_and_its_answer_is_in_the_set(trained: Any) -> None:
    table = flowers().assign(species=np.where(flowers()["species"] == "setosa", "yes", "no"))
    made = trained(table, "species", features=["sepal width", "petal length"])
    model, known = opened(made, "naive_bayes")
    positive = model["labels"][1]
    threshold = {"threshold": 1e-9, "positive": positive}
    answers = answer_rows(model, asked(model, table.iloc[:60]), uncertainty=known, threshold=threshold)
    rows = answers.predicted[:, 1] >= 1e-9
    assert rows.any()
    assert all(answers.values[i] == positive and positive in answers.set_of(i) for i in np.flatnonzero(rows))
    assert answers.confidence[rows].tolist() == answers.predicted[rows, 1].tolist()


def test_what_is_odd_in_a_row_is_named_with_its_column(flower_models: Trained) -> None:
    model, known = opened(flower_models, "logistic")
    table = flowers().iloc[[0, 0, 0, 0]].reset_index(drop=True)
    table.loc[1, "petal width"] = 99.0
    table.loc[2, "city"] = "Rome"
    table = table.astype(object)
    table.loc[3, ["sepal length", "petal length", "petal width", "wet", "day"]] = None
    answers = answer_rows(model, asked(model, table), uncertainty=known)
    assert not {"range", "unknown", "missing"} & set(told(answers, 0))
    assert told(answers, 1)["range"] == (
        "“petal width” is 99, outside the range that training saw (0.1 to 2.5). "
        "What was measured may not hold for it."
    )
    both = answer_rows(model, asked(model, table.iloc[1:2].assign(day="2031-05-01")), uncertainty=known)
    day = next(one for one in model["schema"] if one["name"] == "day")
    assert told(both)["range"] == (
        "Outside the range that training saw: “petal width” is 99 (training saw 0.1 to 2.5), "
        f"“day” is 2031-05-01 (training saw {day['minimum']} to {day['maximum']}). "
        "What was measured may not hold for it."
    )
    assert "city" in told(answers, 2)["unknown"]
    assert "training did not know" in told(answers, 2)["unknown"]
    assert "no value" in told(answers, 3)["missing"]
    assert answers.warning_words()[1].split() == list(answers.warnings[1]) == list(told(answers, 1))
    assert answers.counts()["range"] == 1


def test_a_row_unlike_all_others_is_far(lengths: Trained) -> None:
    model, known = opened(lengths, "linear")
    usual = answer_rows(model, asked(model, flowers()), uncertainty=known)
    assert usual.counts().get("far", 0) <= 5
    odd = flowers().iloc[:1].assign(**{"sepal length": 7.9, "sepal width": 4.4, "petal width": 0.1})
    answers = answer_rows(model, asked(model, odd.assign(code="k0", day="2024-01-01")), uncertainty=known)
    assert "far" in told(answers)
    assert told(answers)["far"] == (
        "Its values together are unlike the training rows: all 60 of those that were measured have more "
        "similar ones. What was measured may not hold for it."
    )


def test_without_uncertainty_the_answer_stands_alone(flower_models: Trained) -> None:
    model, _ = opened(flower_models, "logistic")
    checked = asked(model, flowers().iloc[:3])
    answers = answer_rows(model, checked)
    assert answers.sets is None
    assert answers.facts(0)["set"] is None
    assert "no_interval" in told(answers)
    with pytest.raises(EngineError, match="Choose one of these levels"):
        answer_rows(model, checked, level=0.5)


def test_no_rows_have_no_answers(lengths: Trained) -> None:
    model, known = opened(lengths, "linear")
    answers = answer_rows(model, asked(model, flowers().iloc[:0]), uncertainty=known)
    assert (len(answers), answers.warnings, answers.counts()) == (0, [], {})


def test_the_training_leaves_what_answers_need(flower_models: Trained) -> None:
    final = flower_models.result["final"]
    assert (Path(flower_models.folder) / f"{final}.uncertainty.npz").exists()
    assert (Path(flower_models.folder) / "background.parquet").exists()
    facts = load_uncertainty(flower_models.folder, final).facts()
    assert facts["measured"]["locked"]["n"] == 30


@pytest.mark.parametrize(
    ("labels", "chances", "sentence"),
    [
        (
            ("bad", "good"),
            [0.505, 0.495],
            "The probability of the answer is 50.5 %, so the answer is unsure.",
        ),
        (("bad", "good"), [0.61, 0.39], ""),
        (
            ("a", "b", "c"),
            [0.45, 0.3, 0.25],
            "The probability of the answer is 45 %, so the answer is unsure.",
        ),
        (("a", "b", "c"), [0.55, 0.25, 0.2], ""),
    ],
)
def test_an_answer_of_low_probability_is_unsure_though_its_set_holds_it_alone(
    flower_models: Trained,
    monkeypatch: pytest.MonkeyPatch,
    labels: tuple[str, ...],
    chances: list[float],
    sentence: str,
) -> None:
    model, known = opened(flower_models, "logistic")
    alone = Sets(least=np.full((4, len(labels)), 2.0, np.float32), basis=np.zeros((4, len(labels)), np.int8))
    monkeypatch.setattr(answering, "predict_coded", lambda *_: np.array([chances]))
    answers = answer_rows(
        model | {"labels": list(labels)},
        asked(model, flowers().iloc[:1]),
        uncertainty=Uncertainty(rule=alone, known=known.known),
    )
    assert answers.set_of(0) == labels[:1]
    assert told(answers).get("unsure", "") == sentence


def test_a_set_of_all_classes_is_unsure(flower_models: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    model, known = opened(flower_models, "logistic")
    every = Sets(least=np.zeros((4, 3), np.float32), basis=np.zeros((4, 3), np.int8))
    monkeypatch.setattr(answering, "predict_coded", lambda *_: np.array([[0.7, 0.2, 0.1], [0.4, 0.3, 0.3]]))
    uncertainty = Uncertainty(rule=every, known=known.known)
    answers = answer_rows(model, asked(model, flowers().iloc[:2]), uncertainty=uncertainty)
    assert told(answers, 0)["unsure"] == "Its 90 % set holds all classes, so the answer is unsure."
    assert told(answers, 1)["unsure"] == (
        "The probability of the answer is 40 % and its 90 % set holds all classes, so the answer is unsure."
    )


@pytest.fixture(scope="module")
def forecast(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A model of rows that were cut by time."""
    table = flowers().sort_values("day")[["day", "sepal length", "petal length"]]
    return train_frame(
        table,
        tmp_path_factory.mktemp("forecast"),
        "petal length",
        task="regression",
        learners=["linear"],
        choices={"validation": {"by": "time", "column": "day", "folds": 3}},
    )


def test_models_of_earlier_releases_take_later_days_as_a_matter_of_course(forecast: Trained) -> None:
    """They tell how later a day may be in no column of theirs."""
    model, known = opened(forecast, "linear")
    features = model["estimator"].coder.plan.features
    assert [one.name for one in features if one.cyclic] == ["day"]
    earlier = [{name: one[name] for name in one if name != "later"} for one in model["schema"]]
    row = flowers().iloc[:1].assign(day="2031-05-01", **{"sepal length": 99.0})
    now = answer_rows(model, asked(model, row), uncertainty=known)
    assert (list(now.columns["range"]), list(now.columns["later"])) == (["sepal length"], ["day"])
    before = model | {"schema": earlier}
    then = answer_rows(before, asked(before, row), uncertainty=known)
    assert list(then.columns["range"]) == ["sepal length"]
    assert "day" not in told(then)["range"]
    assert "later" not in told(then)
    alone = row.assign(**{"sepal length": 5.0})
    assert not {"range", "later"} & told(answer_rows(before, asked(before, alone), uncertainty=known)).keys()
    assert "later" in told(answer_rows(model, asked(model, alone), uncertainty=known))


def test_days_later_than_what_was_measured_are_told_with_how_far_that_was(forecast: Trained) -> None:
    model, known = opened(forecast, "linear")
    (day,) = [one for one in model["schema"] if one["kind"] == "date"]
    assert model["all_rows"]
    last, measured = pd.Timestamp(day["maximum"]), pd.Timestamp(day["measured"])
    assert measured == pd.Timestamp(flowers()["day"].max())
    days, end = (measured - last).days, measured + (measured - last)
    beyond = end + pd.Timedelta(days=1)
    rows = flowers().iloc[[60] * 3].assign(day=[str(end.date()), str(beyond.date()), "1999-01-01"])
    answers = answer_rows(model, asked(model, rows), uncertainty=known)
    assert [set(one) & {"later", "range"} for one in answers.warnings] == [set(), {"later"}, {"range"}]
    said = f"later than what was measured: dates up to {end.date()}, {days} days ahead, were. What"
    assert said in told(answers, 1)["later"]
    assert np.isnan(answers.confidence[1:]).all()
    judged = model | {"all_rows": False}  # one that never learned from the locked rows reaches less far
    answers = answer_rows(judged, asked(judged, rows.assign(day=str(end.date()))), uncertainty=known)
    assert f"dates up to {measured.date()}, {days} days ahead, were." in told(answers)["later"]
    old = model | {"schema": [{k: one[k] for k in one if k != "measured"} for one in model["schema"]]}
    answers = answer_rows(old, asked(old, rows), uncertainty=known)
    assert f"dates up to {end.date()} were." in told(answers, 1)["later"]


def test_an_interval_that_ends_at_0_is_no_more_confident_than_a_whole_one(
    lengths: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All rows are as uncertain here: that a length is never below 0 makes none of them better known."""
    model, known = opened(lengths, "linear")
    even = replace(known.rule, scale=Even(), bounds=np.array([[-2.0, 2.0]] * 4), whole=False, positive=True)
    rows = flowers().iloc[[60, 60]]
    monkeypatch.setattr(answering, "predict_coded", lambda *_: np.array([0.1, 4.0]))
    answers = answer_rows(model, asked(model, rows), uncertainty=replace(known, rule=even))
    assert answers.low is not None
    assert answers.low[0] == 0.0
    assert answers.confidence[0] == pytest.approx(answers.confidence[1])
    assert 0 < answers.confidence[0] < 1


@pytest.mark.parametrize("key", ["linear", "logistic"])
def test_a_row_outside_of_training_has_no_confidence(
    lengths: Trained, flower_models: Trained, key: str
) -> None:
    model, known = opened(lengths if key == "linear" else flower_models, key)
    rows = flowers().iloc[[60] * 4].reset_index(drop=True)
    rows.loc[1, "sepal width"] = 400.0
    rows.loc[2, "city"] = "Atlantis"
    rows.loc[3, [name for name in COLUMNS if name in rows]] = None
    answers = answer_rows(model, asked(model, rows), uncertainty=known)
    assert [set(one) & set(OUTSIDE) != set() for one in answers.warnings] == [False, True, True, True]
    assert np.isnan(answers.confidence).tolist() == [False, True, True, True]
    assert answers.facts(1)["confidence"] is None
    assert "has none" in answers.confidence_meaning
