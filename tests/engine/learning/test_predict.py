"""Predictions of one row: the class with its probabilities, or what must be corrected."""

import pytest

from beanft.engine.learning.predict import predict_one


@pytest.fixture
def questions(flower_table):
    return flower_table.drop(columns="species")


def test_probabilities_sum_to_one_most_likely_first(flower_models, questions):
    model = flower_models.model("random_forest")
    values = {name: str(value) for name, value in questions.iloc[0].items()}
    found = predict_one(file=model["model_file"], sha256=model["model_sha256"], values=values)
    assert found.value == "setosa" == found.probabilities[0][0]
    assert sum(p for _, p in found.probabilities) == pytest.approx(1)
    assert found.facts()["probabilities"][0] == list(found.probabilities[0])


def test_a_form_with_an_error_gets_it_beside_its_field(flower_models, questions):
    model = flower_models.model("logistic")
    values = {name: str(value) for name, value in questions.iloc[0].items()} | {"petal width": "wide"}
    found = predict_one(file=model["model_file"], sha256=model["model_sha256"], values=values)
    assert found.value is None
    assert [(error.column, error.sentence) for error in found.errors] == [
        ("petal width", "“wide” is not a number.")
    ]
