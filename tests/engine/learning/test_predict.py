"""What a model's numbers say of one row."""

from pathlib import Path

import pytest

from beanft.engine.learning import files
from beanft.engine.learning.answering import answer_rows
from beanft.engine.learning.inputs import check


def test_probabilities_sum_to_one_and_the_answer_is_the_most_likely(flower_models, flower_table):
    kept = flower_models.model("random_forest")
    model = files.load(Path(kept["model_file"]), kept["model_sha256"])
    row = {name: str(value) for name, value in flower_table.drop(columns="species").iloc[0].items()}
    answers = answer_rows(model, check(list(row), [list(row.values())], model["schema"]))
    assert answers.values == ["setosa"] == [model["labels"][answers.predicted[0].argmax()]]
    assert answers.predicted[0].sum() == pytest.approx(1)
