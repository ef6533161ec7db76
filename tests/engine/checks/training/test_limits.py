"""What open findings leave of a score: conditions, and verdicts that no longer promise more."""

import re
from pathlib import Path

import pytest

from beanft.engine.checks.training import limits
from beanft.engine.checks.training.limits import Limits, beaten_sentence, key_of, limits_of
from beanft.engine.findings import Finding

PRAISE = (
    "Trees score 0.991 against 0.500 for guessing. On the locked rows they score 0.996, which confirms it."
)


def found(code: str, *columns: str, severity: str = "warning") -> Finding:
    return Finding(code=code, severity=severity, columns=columns, sentence="Something.", figure=1.0)


@pytest.mark.parametrize(
    ("finding", "sentence"),
    [
        (found("same-entity", "patient"), "Good only for rows of a “patient” that it knows."),
        (found("shuffled-dates", "day"), "Good only if rows of about the same time are known."),
        (found("leak-column", "paid"), "Good only if “paid” is known before “ill” is."),
        (found("target-identity", "a", "b"), "Good only if “a” and “b” are known before “ill” is."),
        (found("known-afterwards", "a", "b", "c"), "Good only if “a” and “b” and 1 more are known before"),
        (found("duplicates-across"), "Good only as far as new rows repeat those that it learned from."),
        (found("score-jump"), "Good only as far as the locked rows show."),
        (found("identifier-feature", "id"), "Good only if “id” means for new rows what it means for these."),
    ],
)
def test_each_serious_finding_has_its_sentence(finding: Finding, sentence: str) -> None:
    (said,) = limits_of([finding], "ill").sentences
    assert said.startswith(sentence)


def test_notes_and_other_findings_limit_nothing() -> None:
    notes = [found("same-entity", "patient", severity="note"), found("rare-classes"), found("few-rows")]
    assert limits_of(notes, "ill") == Limits()


def test_every_code_is_one_that_a_check_gives() -> None:
    folder = Path(limits.__file__).parent
    given = set(re.findall(r'code="([a-z-]+)"', "".join(one.read_text() for one in folder.glob("*.py"))))
    assert set(limits._CONDITIONS) <= given


def test_one_that_was_accepted_limits_no_longer_and_one_that_was_answered_points_on() -> None:
    entity, dates = found("same-entity", "patient"), found("shuffled-dates", "day")
    answered = {key_of(entity): "", key_of(dates): "Trained again by time as experiment 9"}
    held = limits_of([entity, dates], "ill", answered)
    assert held.sentences == ("Trained again by time as experiment 9: go by that one.",)
    said = held.qualify(PRAISE, "better")
    assert said.startswith("Trained again by time as experiment 9: go by that one. Trees score 0.991")
    assert "confirms" not in said


def test_of_two_answers_neither_is_one_to_go_by() -> None:
    entity, leak = found("same-entity", "patient"), found("leak-column", "dose")
    answered = {
        key_of(entity): "Trained again by group as experiment 9",
        key_of(leak): "Trained again as experiment 10",
    }
    held = limits_of([entity, leak], "ill", answered)
    assert len(held.conditions) == 2
    assert held.answers == (
        "Trained again by group as experiment 9, which answers that alone.",
        "Trained again as experiment 10, which answers that alone.",
    )
    del answered[key_of(leak)]
    held = limits_of([entity, leak], "ill", answered)
    assert len(held.conditions) == 2
    assert held.answers == ("Trained again by group as experiment 9, which answers that alone.",)


@pytest.mark.parametrize("answered", [{}, {"same-entity:patient": ""}])
def test_who_is_known_is_no_leak(answered: dict[str, str]) -> None:
    both = [found("leak-column", "patient"), found("leak-column", "dose"), found("same-entity", "patient")]
    conditions = limits_of(both, "ill", answered).conditions
    assert not any("“patient” is known before" in one for one in conditions)
    assert "if “dose” is known before “ill” is" in conditions


def test_a_verdict_that_praises_begins_with_its_limit() -> None:
    held = limits_of([found("same-entity", "patient")], "ill")
    assert held.qualify(PRAISE, "better") == (
        "Good only for rows of a “patient” that it knows: Trees score 0.991 against 0.500 for guessing. "
        "On the locked rows they score 0.996, which confirms it within that limit."
    )
    doubtful = held.qualify("Not confirmed. Trees score 0.6.", "unconfirmed")
    assert doubtful == ("Not confirmed. Trees score 0.6. Good only for rows of a “patient” that it knows.")
    assert held.qualify("Nothing does better.", "guessing") == "Nothing does better."
    assert Limits().qualify(PRAISE, "better") == PRAISE


def test_the_words_of_the_user_are_left_as_they_are() -> None:
    for held in (
        Limits(unchecked=("Not checked.",)),
        Limits(answers=("Trained again.",), beaten="A rule does better."),
        Limits(conditions=("for  these",), beaten="A rule does better."),
    ):
        assert "“too  wide”" in held.qualify("Trees score 0.9 for “too  wide”.", "better")


def test_many_limits_are_counted() -> None:
    codes = [found("same-entity", "a"), found("shuffled-dates", "b"), found("duplicates-across")]
    said = limits_of(codes, "ill").qualify(PRAISE, "better")
    assert said.startswith(
        "Good only for rows of a “a” that it knows, and only if rows of about the same time are known, and "
        "with 1 more limit: Trees"
    )
    assert said.endswith("which confirms it within these limits.")


def test_a_model_behind_a_simple_guess_is_not_called_confirmed_and_has_advice() -> None:
    ahead, behind = {"high": -0.1}, {"high": 0.2}
    references = {
        "baseline": {"title": "always guessing the same", "difference": ahead},
        "rule": {"title": "a rule of two questions", "difference": ahead},
        "best_column": {"title": "the best single column", "difference": behind},
    }
    beaten = beaten_sentence({"references": references}, "time")
    assert beaten == (
        "On the locked rows a rule of two questions does better than the final model: "
        "keep it as a plain rule, train for longer, or bring later rows."
    )
    assert "confirms" not in Limits(beaten=beaten).qualify(PRAISE, "better")
    references["best_column"]["difference"] = ahead
    both = beaten_sentence({"references": references}, "")
    assert "column do better than the final model: keep the better of these as a plain rule" in both
    assert both.endswith("bring more rows.")
    assert beaten_sentence({}, "") == beaten_sentence({"references": {"rule": {}}}, "") == ""
