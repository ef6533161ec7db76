"""Champions: chosen with eyes open, one for each target, remembered when they are gone."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from beanft import storage
from beanft.extensions import db
from beanft.models import AuditEvent, Champion, Dataset, Experiment, TrainedModel, User
from beanft.train import services as training
from train.shown_models import model_ids, ready, sales
from train.stage import JSON

HOSTILE = "<script>window.__pwned=1</script>\n\"'{{7*7}}"


class Stage:
    """Three models of a class, one of a number, nobody champion."""

    def __init__(self, app: Flask, alice: User) -> None:
        with app.app_context():
            dataset = sales(alice)
            experiment = ready(alice, dataset, {"boosting": 0.5, "logistic": 0.9, "naive_bayes": 0.5001})
            self.best, self.weak, self.tied = model_ids(experiment)
            self.other = model_ids(ready(alice, dataset, {"extra_trees": 0.6}, seed=1))[0]
            self.price = model_ids(ready(alice, dataset, {"ridge": 0.5}, task="regression"))[0]
            self.dataset, self.experiment = dataset.id, experiment.id


@pytest.fixture
def stage(app: Flask, alice: User) -> Stage:
    return Stage(app, alice)


def crown(client: FlaskClient, model: int, note: str = "") -> None:
    """Choose as the page does: it says which champion is replaced."""
    over = client.get(f"/models/{model}/champion", headers=JSON).get_json()["over"]
    answer = client.post(f"/models/{model}/champion", data={"note": note, "over": over})
    assert answer.status_code == 302, answer.text


def history(client: FlaskClient, stage: Stage) -> list[dict[str, object]]:
    found = client.get(f"/datasets/{stage.dataset}/champions", headers=JSON).get_json()["champions"]
    assert isinstance(found, list)
    return found


def test_the_first_champion_is_chosen_and_recorded(app: Flask, as_alice: FlaskClient, stage: Stage) -> None:
    assert "No champion yet" in as_alice.get(f"/datasets/{stage.dataset}/champions").text
    page = as_alice.get(f"/models/{stage.best}/champion")
    assert "“paid” has no champion yet." in page.text
    crown(as_alice, stage.best, " Best so far. ")
    (row,) = history(as_alice, stage)
    assert (row["title"], row["note"], row["current"]) == ("Boosting for paid", "Best so far.", True)
    assert (row["by"], row["metric"], row["version"]) == ("alice", "roc_auc", 1)
    assert row["low"] < row["value"] < row["high"]
    with app.app_context():
        actions = db.session.scalars(select(AuditEvent.action)).all()
    assert "champion-choose" in actions


def test_the_page_says_how_a_challenger_stands_before_it_is_chosen(
    as_alice: FlaskClient, stage: Stage
) -> None:
    crown(as_alice, stage.best)
    expected = {
        stage.weak: ("worse", "By this score the champion is the better one."),
        stage.tied: ("tied", "Nothing shows that the new one is better."),
        stage.other: ("unknown", "So nobody knows from these figures which one is better."),
        stage.best: ("same", "This model is the champion already."),
        stage.price: ("first", "“price” has no champion yet."),
    }
    for model, (code, sentence) in expected.items():
        page = as_alice.get(f"/models/{model}/champion")
        assert f'data-challenge="{code}"' in page.text
        assert sentence in page.text
    crown(as_alice, stage.weak)
    page = as_alice.get(f"/models/{stage.best}/champion").text
    assert 'data-challenge="better"' in page
    assert "anyway" not in page


def test_the_history_tells_who_replaced_whom(as_alice: FlaskClient, stage: Stage) -> None:
    for model in (stage.weak, stage.best, stage.price):
        crown(as_alice, model)
    price, best, weak = history(as_alice, stage)
    assert (price["current"], best["current"], weak["current"]) == (True, True, False)
    assert weak["replaced_by"] == "Boosting for paid"
    assert weak["ended_at"] == best["chosen_at"]
    assert best["replaced_by"] is None
    page = as_alice.get(f"/datasets/{stage.dataset}/champions").text
    assert "then Boosting for paid" in page
    until = [cell.split("</td>")[0].split() for cell in page.split('<td data-label="Until">')[1:]]
    assert until[:2] == [["–"], ["–"]]
    assert "<time" in until[2]


def test_a_page_that_is_out_of_date_replaces_nobody(as_alice: FlaskClient, stage: Stage) -> None:
    crown(as_alice, stage.best)
    for over in ("", "999", "x", "9" * 40):
        answer = as_alice.post(f"/models/{stage.weak}/champion", data={"over": over})
        assert answer.status_code == 409
        assert "The champion is another one than when this page was opened." in answer.text
        assert "“Boosting” is better than “Logistic”" in answer.text
    answer = as_alice.post(f"/models/{stage.best}/champion", data={"over": "1"})
    assert answer.status_code == 409
    assert len(history(as_alice, stage)) == 1


def test_a_note_has_a_limit_and_is_only_text(as_alice: FlaskClient, stage: Stage) -> None:
    answer = as_alice.post(f"/models/{stage.best}/champion", data={"note": "x" * 1001})
    assert answer.status_code == 422
    assert "A note has at most 1000 characters." in answer.text
    crown(as_alice, stage.best, HOSTILE)
    page = as_alice.get(f"/datasets/{stage.dataset}/champions").text
    assert "<script>window" not in page
    assert "&lt;script&gt;window" in page


def test_a_deleted_champion_stays_in_the_history(app: Flask, as_alice: FlaskClient, stage: Stage) -> None:
    crown(as_alice, stage.best, "Trusted.")
    with app.app_context():
        training.delete_experiment(experiment=db.session.get_one(Experiment, stage.experiment))
    (row,) = history(as_alice, stage)
    assert (row["model"], row["title"], row["note"]) == (None, "Boosting for paid", "Trusted.")
    assert row["current"] is False
    page = as_alice.get(f"/datasets/{stage.dataset}/champions").text
    assert "its model was deleted" in page
    assert "“paid” has no champion yet." in as_alice.get(f"/models/{stage.other}/champion").text
    crown(as_alice, stage.other)
    assert [one["ended_at"] is None for one in history(as_alice, stage)] == [True, False]


def test_the_history_of_a_deleted_dataset_goes_with_it(
    app: Flask, as_alice: FlaskClient, stage: Stage
) -> None:
    crown(as_alice, stage.best)
    with app.app_context():
        db.session.delete(db.session.get_one(Dataset, stage.dataset))
        db.session.commit()
        assert db.session.query(Champion).count() == 0


def test_a_challenger_whose_predictions_are_lost_is_not_compared(
    app: Flask, as_alice: FlaskClient, stage: Stage
) -> None:
    crown(as_alice, stage.best)
    with app.app_context():
        run = db.session.get_one(TrainedModel, stage.weak).run
        (storage.folder(run.experiment.key) / f"{run.key}.oof.npy").unlink()
    page = as_alice.get(f"/models/{stage.weak}/champion")
    assert "what one of them said of unseen rows was not kept" in page.text


def test_badges_show_the_champion(app: Flask, as_alice: FlaskClient, stage: Stage) -> None:
    crown(as_alice, stage.best)
    compared = as_alice.get(
        f"/datasets/{stage.dataset}/compare-models?models={stage.best}&models={stage.weak}"
    )
    assert compared.text.count("champion-badge") == 1
    assert f"/models/{stage.weak}/champion" in compared.text
    assert "champion-badge" in as_alice.get(f"/models/{stage.best}/card").text


def test_strangers_find_no_champions(as_charlie: FlaskClient, stage: Stage) -> None:
    assert as_charlie.get(f"/datasets/{stage.dataset}/champions").status_code == 404
    assert as_charlie.get(f"/models/{stage.best}/champion").status_code == 404
    assert as_charlie.post(f"/models/{stage.best}/champion", data={"over": ""}).status_code == 404
