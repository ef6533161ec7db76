"""A target of yes and no is answered with the owner's words wherever it is answered."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from flask.testing import FlaskClient

from beanft.models import Batch, User
from predict.birds import FEATURES, read, table, written
from predict.conftest import Trained, train_on

EXAMPLE = {name: text for name, text in table(1)[0].items() if name in FEATURES and name != "ringed"}


@pytest.fixture(scope="session")
def ringer(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Learned who wears a ring, which the owner calls yes or no and the table true or false."""
    return train_on(tmp_path_factory.mktemp("ringer"), "ringed", "classification", "logistic")


@pytest.fixture
def ringed_model(make_model: Callable[..., int], alice: User, ringer: Trained) -> int:
    return make_model(alice, ringer)


def test_the_classes_are_the_owners_words(as_alice: FlaskClient, ringer: Trained, ringed_model: int):
    assert ringer.result["labels"] == ["no", "yes"]
    page = as_alice.get(f"/models/{ringed_model}").text
    assert "“yes”" in page
    assert "“true”" not in page
    answer = as_alice.post(f"/models/{ringed_model}/predict", data=EXAMPLE, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert ">true<" not in answer.text
    assert ">false<" not in answer.text
    assert "yes" in answer.text


@pytest.mark.parametrize("words", [("no", "yes"), ("No", "YES"), ("false", "true"), ("0", "1")])
def test_a_file_is_scored_whatever_its_own_words(
    as_alice: FlaskClient, ringed_model: int, do_batch: Callable[[int], Batch], words: tuple[str, str]
):
    rows = [row | {"ringed": words[row["ringed"] == "yes"]} for row in table(60)]
    sent = {"file": (BytesIO(written(rows)), "birds.csv"), "level": "0.9"}
    made = as_alice.post(f"/models/{ringed_model}/batches/new", data=sent)
    assert made.status_code == 302, made.text
    batch = do_batch(int(made.headers["Location"].rsplit("/", 1)[1]))
    result = batch.result_json or {}
    assert result["labels"] == ["no", "yes"]
    assert (result["score"]["n_rows"], result["score"]["n_unread"]) == (60, 0)
    truth = [int(row["ringed"] == "yes") for row in table(60)]
    counts = result["score"]["confusion"]["counts"]
    assert [sum(row) for row in counts] == [truth.count(0), truth.count(1)]
    with as_alice.get(f"/batches/{batch.id}/download") as answer:
        header, *lines = read(answer.data)
    assert {"no", "yes"} >= {line[header.index("prediction")] for line in lines}
