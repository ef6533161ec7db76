"""Decisions about findings."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from beanft.engine.checks.training.limits import key_of
from beanft.extensions import db
from beanft.models import AuditEvent, Dataset, Experiment, Run, User
from beanft.train.sentinel import services
from beanft.train.sentinel.difference import difference
from beanft.train.sentinel.shown import make_shown
from train.stage import ask, make_run

pytestmark = pytest.mark.usefixtures("context")

LEAK = {
    "code": "leak-column",
    "severity": "warning",
    "columns": ["petal_width"],
    "sentence": "“petal_width” alone tells “species” almost perfectly.",
    "figure": 0.99,
    "remedy": "Train without it.",
}
ENTITY = LEAK | {
    "code": "same-entity",
    "columns": ["site"],
    "sentence": "Rows of one “site” are on both sides.",
}
COPIES = LEAK | {"code": "duplicates-across", "columns": [], "sentence": "12 of the locked rows are copies."}
RARE = LEAK | {"code": "rare-classes", "columns": [], "sentence": "“no” has 6 rows."}


@pytest.fixture
def experiment(alice: User, iris: int) -> Experiment:
    """One with a leak, an entity and copies among its findings."""
    asked = ask(alice, db.session.get_one(Dataset, iris), choices={"validation": {"holdout": 0.3}})
    asked.findings_json = [LEAK, ENTITY, COPIES, RARE]
    db.session.commit()
    return asked


def _finding(experiment: Experiment, number: int) -> Any:
    return services.find_finding(experiment=experiment, number=number)


def _runs(experiment: Experiment, value: float, *, guess: float = 0.33) -> list[Run]:
    def interval(middle: float) -> dict[str, float]:
        return {"value": middle, "low": middle - 0.02, "high": middle + 0.02}

    metric = "balanced_accuracy"
    experiment.runs = [
        make_run("baseline", [guess] * 3, metric=metric, interval=interval(guess)),
        make_run("naive_bayes", [value] * 3, metric=metric, interval=interval(value)),
    ]
    return experiment.runs


def test_training_again_asks_the_same_without_the_suspect(experiment: Experiment, alice: User) -> None:
    made = services.retrain(experiment=experiment, finding=_finding(experiment, 0), user_id=alice.id)
    assert made.features == ["sepal_length", "sepal_width", "petal_length"]
    same = ("target", "task", "metric", "learners", "budget_s", "seed", "choices_json", "version_id")
    assert [getattr(made, name) for name in same] == [getattr(experiment, name) for name in same]
    assert made.state == "queued"
    assert made.origin_json["experiment"] == experiment.id
    assert made.origin_json["without"] == ["petal_width"]
    assert made.origin_json["finding"]["code"] == "leak-column"
    assert db.session.scalar(select(AuditEvent.subject).where(AuditEvent.action == "finding-retrain"))


def test_a_second_wish_gives_the_same_experiment(experiment: Experiment, alice: User) -> None:
    made = [
        services.retrain(experiment=experiment, finding=_finding(experiment, 0), user_id=alice.id).id
        for _ in range(2)
    ]
    assert made[0] == made[1]


def test_an_entity_is_answered_by_cutting_the_rows_by_groups(experiment: Experiment, alice: User) -> None:
    made = services.retrain(experiment=experiment, finding=_finding(experiment, 1), user_id=alice.id)
    assert made.features == experiment.features
    assert made.choices_json["validation"] == {"holdout": 0.3, "by": "group", "column": "site"}
    assert made.origin_json["validation"] == {"by": "group", "column": "site"}
    assert experiment.choices_json["validation"] == {"holdout": 0.3}


def test_copies_are_answered_by_keeping_each_row_once(experiment: Experiment, alice: User) -> None:
    made = services.retrain(experiment=experiment, finding=_finding(experiment, 2), user_id=alice.id)
    assert made.features == experiment.features
    assert made.choices_json["distinct"] is True
    assert "distinct" not in experiment.choices_json
    before, after = _runs(experiment, 0.99), _runs(made, 0.5)
    said = difference(experiment, before, made, after)
    assert said.startswith("With each repeated row kept once, Balanced accuracy falls from 0.99")
    assert said.endswith("the higher score came from rows that it had learned by heart.")


def test_what_training_cannot_answer_is_refused(experiment: Experiment, alice: User) -> None:
    with pytest.raises(services.CannotRetrainError, match="Follow its advice"):
        services.retrain(experiment=experiment, finding=_finding(experiment, 3), user_id=alice.id)
    experiment.features = ["petal_width"]
    with pytest.raises(services.CannotRetrainError, match="No column would be left"):
        services.retrain(experiment=experiment, finding=_finding(experiment, 0), user_id=alice.id)


def test_decisions_are_kept_for_the_card(experiment: Experiment, alice: User) -> None:
    services.keep(
        experiment=experiment, finding=_finding(experiment, 1), reason="One site only.", user_id=alice.id
    )
    made = services.retrain(experiment=experiment, finding=_finding(experiment, 0), user_id=alice.id)
    first, second = services.decisions_of(experiment)
    assert (first["code"], first["decision"]) == ("leak-column", "trained again without “petal_width”")
    assert first["experiment"] == made.id
    assert (second["decision"], second["why"], second["experiment"]) == ("kept", "One site only.", None)
    assert second["at"]
    assert db.session.scalar(select(AuditEvent.subject).where(AuditEvent.action == "finding-keep"))


def test_a_finding_is_found_by_its_key_wherever_it_stands(experiment: Experiment) -> None:
    key = key_of(_finding(experiment, 1))
    found = services.find_finding(experiment=experiment, number=0, key=key)
    assert found is not None
    assert found.code == "same-entity"
    assert services.find_finding(experiment=experiment, number=0, key="gone:x") is None
    assert services.find_finding(experiment=experiment, number=9) is None


def test_a_fall_names_both_scores_and_the_reason(experiment: Experiment, alice: User) -> None:
    made = services.retrain(experiment=experiment, finding=_finding(experiment, 0), user_id=alice.id)
    before = _runs(experiment, 0.98)
    words = difference(experiment, before, made, _runs(made, 0.45))
    assert words == (
        "Without “petal_width”, Balanced accuracy falls from 0.980 (95 % interval 0.960 to 1.00) to 0.450 "
        "(95 % interval 0.430 to 0.470): the column carried the score."
    )
    part = difference(experiment, before, made, _runs(made, 0.9))
    assert part.endswith("the column carried part of the score.")
    same = difference(experiment, before, made, _runs(made, 0.97))
    assert "stays about the same: 0.970" in same
    assert "What was left out hardly matters here." in same
    assert " rises from " in difference(experiment, _runs(experiment, 0.5), made, _runs(made, 0.7))
    assert difference(experiment, [], made, []) == ""


def test_the_page_of_the_repetition_knows_where_it_comes_from(experiment: Experiment, alice: User) -> None:
    made = services.retrain(experiment=experiment, finding=_finding(experiment, 1), user_id=alice.id)
    _runs(experiment, 0.98)
    _runs(made, 0.45)
    assert made.job is not None
    made.job.state = "ready"
    db.session.commit()
    shown = make_shown(made)
    assert shown.origin is experiment
    assert shown.change.startswith("With the rows of one “site” kept together, Balanced accuracy falls from ")
    assert shown.change.endswith(": the higher score came from recognising them.")
    (answered,) = [one for one in make_shown(experiment).findings if one.repeated]
    assert answered.change == shown.change
    assert make_shown(experiment).n_open == 3


def test_an_origin_that_was_deleted_or_is_foreign_is_not_shown(
    experiment: Experiment, alice: User, bob: User
) -> None:
    made = services.retrain(experiment=experiment, finding=_finding(experiment, 0), user_id=alice.id)
    made.owner_id = bob.id
    assert make_shown(made).origin is None
    assert make_shown(made).origin_words == "without “petal_width”"
