"""What a time budget buys, on the page of the form."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from beanft.engine.errors import BusyError, EngineError
from beanft.engine.learning.pilot import estimate
from beanft.extensions import db
from beanft.jobs import sandbox
from beanft.models import Experiment, User
from factories import make_dataset
from train.stage import FEATURES, JSON

HTMX = {"HX-Request": "true"}
ANSWERS = {"target": "species", "features": FEATURES, "budget": "30", "learners": ["naive_bayes", "logistic"]}


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The small fits are done in this process; what they were given is kept."""
    given: list[dict[str, Any]] = []

    def call(work: str, arguments: dict[str, Any], **limits: Any) -> dict[str, Any]:
        given.append(arguments | {"work": work, "limits": limits})
        return estimate(**(arguments | {"seconds": 2.0}))

    monkeypatch.setattr(sandbox, "call", call)
    return given


def test_the_page_says_what_the_time_buys(
    app: Flask, as_alice: FlaskClient, iris: int, here: list[dict[str, Any]]
) -> None:
    answer = as_alice.post(f"/datasets/{iris}/train/estimate", data=ANSWERS)
    assert answer.status_code == 200
    assert 'data-name="estimate"' in answer.text
    assert "In 30 seconds about 2 runs are likely: every learner once." in answer.text
    assert "150 rows take part, 30 of them locked away; 8 folds." in answer.text
    assert 'value="logistic" id="learner-logistic" checked' in answer.text
    assert here[0]["work"] == "beanft.engine.learning.pilot:estimate"
    assert here[0]["limits"]["memory_mb"] <= 1_024
    with app.app_context():
        assert db.session.query(Experiment).count() == 0


def test_htmx_gets_the_estimate_alone(as_alice: FlaskClient, iris: int, here: list[dict[str, Any]]) -> None:
    answer = as_alice.post(f"/datasets/{iris}/train/estimate", data=ANSWERS, headers=HTMX)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "Naive Bayes" in answer.text
    facts = as_alice.post(f"/datasets/{iris}/train/estimate", data=ANSWERS, headers=JSON).get_json()
    assert facts["estimate"]["n_runs"] == 2


def test_a_wrong_form_is_refused_before_anything_is_fitted(
    as_alice: FlaskClient, iris: int, here: list[dict[str, Any]]
) -> None:
    answer = as_alice.post(f"/datasets/{iris}/train/estimate", data=ANSWERS | {"target": "day"}, headers=HTMX)
    assert answer.status_code == 422
    assert "dates cannot be forecast" in answer.text
    assert here == []


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (EngineError("The small fits took too long."), 422, "The small fits took too long."),
        (BusyError("busy"), 503, "Other small fits are being timed just now."),
    ],
)
def test_what_cannot_be_told_is_a_sentence(
    as_alice: FlaskClient,
    iris: int,
    monkeypatch: pytest.MonkeyPatch,
    error: EngineError,
    status: int,
    words: str,
) -> None:
    def fail(*_: Any, **__: Any) -> dict[str, Any]:
        raise error

    monkeypatch.setattr(sandbox, "call", fail)
    answer = as_alice.post(f"/datasets/{iris}/train/estimate", data=ANSWERS, headers=HTMX)
    assert answer.status_code == status
    assert words in answer.text


def test_a_visitor_and_a_stranger_get_no_estimate(
    visitor: FlaskClient, as_charlie: FlaskClient, iris: int, here: list[dict[str, Any]]
) -> None:
    address = f"/datasets/{iris}/train/estimate"
    assert as_charlie.post(address, data=ANSWERS).status_code == 404
    assert visitor.post(address, data=ANSWERS).location.startswith("/login")


HOSTILE = {
    "two rows": "a,y\n1,x\n2,z\n",
    "one column": "y\n" + "x\nz\n" * 30,
    "one class": "a,y\n" + "1,x\n2,x\n" * 30,
    "no values": "a,b,y\n" + "1,,x\n2,,z\n" * 30,
    "infinite": "a,y\n" + "inf,x\n2,z\n-inf,x\n3,z\n" * 20,
    "names": ',a,a,"<b>","""; DROP",y\n' + "1,2,3,4,5,x\n2,1,4,3,9,z\n" * 30,
    "dates": "d,e\n" + "2024-01-02,2023-02-03\n2024-02-03,2022-01-01\n" * 30,
    "text": "t,u\n" + "".join(f"the walker {n} saw a tree,and a bird {n}\n" for n in range(60)),
    "classes": "a,y\n" + "".join(f"{n % 7},k{n % 1000}\n" for n in range(5_000)),
    "gaps": "a,y\n" + "".join(f"{n},{'' if n % 3 else 'xz'[n % 2]}\n" for n in range(90)),
}

REFUSED = {
    ("two rows", "a"): "Only 2 rows have a value of “a”; at least 20 are needed.",
    ("two rows", "y"): "Only 2 rows have a value of “y”; at least 20 are needed.",
    ("one column", "y"): "Tick at least one column to learn from.",
    ("one class", "a"): "“y”: Is the same in every row, so nothing can be learned from it.",
    ("one class", "y"): "“y” is the same in every row, so there is nothing to learn.",
    ("no values", "b"): "“b” has no value in any row.",
    ("dates", "d"): "“d” is a date, and dates cannot be forecast.",
    ("dates", "e"): "“e” is a date, and dates cannot be forecast.",
    ("text", "t"): "“t” is different in every row, so no class can be learned.",
    ("text", "u"): "“u” is different in every row, so no class can be learned.",
    ("gaps", "y"): "“a”: Only tells the rows apart, so a model would learn them by heart.",
}
"""Tables and targets of which nothing can be learned; all the others get an estimate."""


@pytest.mark.parametrize("name", HOSTILE)
def test_no_table_breaks_the_form_or_the_estimate(
    app: Flask, as_alice: FlaskClient, alice: User, here: list[dict[str, Any]], name: str
) -> None:
    with app.app_context():
        number = make_dataset(alice, name="hostile", csv=HOSTILE[name]).id
    facts = as_alice.get(f"/datasets/{number}/train", headers=JSON).get_json()
    names = [one["name"] for one in facts["features"]]
    for target in facts["targets"]:
        assert target["reason"]
        form = {"target": target["name"], "features": [one for one in names if one != target["name"]]}
        assert (
            as_alice.get(f"/datasets/{number}/train", query_string={"target": target["name"]}).status_code
            == 200
        )
        answer = as_alice.post(
            f"/datasets/{number}/train/estimate",
            data=form | {"learners": ["naive_bayes", "ridge"], "budget": "30"},
            headers=JSON,
        )
        said = answer.get_json()
        refusal = REFUSED.get((name, target["name"]))
        if refusal:
            assert answer.status_code == 422
            assert said["error"].startswith(refusal)
        else:
            assert answer.status_code == 200, said["error"]
            assert said["estimate"]["sentence"].startswith("In 30 seconds about ")
