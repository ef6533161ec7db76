"""What must be found is found, and clean tables raise no alarm."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from sklearn import datasets

from beanft.engine.checks.training import entity
from beanft.engine.checks.training.asked import Asked
from beanft.engine.checks.training.look import look_before
from beanft.engine.findings import Finding
from engine.checks.training.tables import (
    TASKS,
    asked,
    clean,
    with_copies,
    with_leak,
    with_patients,
    with_times,
)

_N_CLEAN = 50


def _warnings(question: Asked) -> list[Finding]:
    found = look_before(question, limit_s=600).findings
    return [finding for finding in found if finding.severity == "warning"]


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize(
    ("plant", "seed", "code", "columns"),
    [
        (with_leak, 3, "leak-column", ("leak",)),
        (with_copies, 3, "duplicates-across", ()),
        (with_patients, 3, "same-entity", ("patient",)),
        (with_times, 5, "shuffled-dates", ("day",)),
    ],
)
def test_what_was_planted_is_found_and_nothing_else(
    plant: Callable[[int, str], pd.DataFrame], seed: int, code: str, columns: tuple[str, ...], task: str
) -> None:
    found = _warnings(asked(plant(seed, task)))
    assert [(one.code, one.columns) for one in found] == [(code, columns)], found


def test_a_model_that_explains_nothing_has_no_entity_to_thank(monkeypatch: pytest.MonkeyPatch) -> None:
    worth = itertools.cycle([-0.02, -0.4])  # by chance, and with each patient's rows together
    monkeypatch.setattr(entity, "explained", lambda _y, _said: next(worth))
    assert list(entity.find(asked(with_patients(3, "binary")))) == []


def test_an_entity_is_found_when_its_column_is_no_feature() -> None:
    (found,) = _warnings(asked(with_patients(5, "binary"), others=["patient"]))
    assert (found.code, found.columns) == ("same-entity", ("patient",))


def test_clean_tables_raise_at_most_one_alarm_in_fifty() -> None:
    alarms = []
    for seed in range(_N_CLEAN):
        found = _warnings(asked(clean(seed, TASKS[seed % 3], [120, 160, 240][seed // 3 % 3]), seed=seed))
        alarms += [(seed, one.code, one.sentence) for one in found]
    assert len({seed for seed, *_ in alarms}) <= _N_CLEAN / 50, alarms


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "diabetes", "linnerud", "digits"])
def test_well_known_clean_tables_raise_none(name: str) -> None:
    toy = getattr(datasets, f"load_{name}")(as_frame=True)
    y = toy.target.iloc[:, 0] if name == "linnerud" else toy.target
    table = toy.data.assign(y=y.astype(float) if name in ("diabetes", "linnerud") else y.astype(int))
    assert _warnings(asked(table.head(400))) == []


def test_the_locked_target_changes_nothing() -> None:
    question = asked(with_patients(2, "regression"))
    seen = look_before(question, limit_s=600)
    question.y[question.holdout] = np.random.default_rng(0).normal(size=len(question.holdout))
    assert look_before(question, limit_s=600) == seen


def test_without_time_the_checks_that_were_not_made_are_named() -> None:
    (found,) = look_before(asked(clean(0)), limit_s=-1).findings
    assert found.code == "checks-skipped"
    assert "entities on both sides" in found.sentence


def test_fifty_thousand_rows_are_only_sampled() -> None:
    question = asked(clean(1, "binary", 50_000))
    assert len(question.sample) <= 4_600
    assert len(question.coded.values) == len(question.sample)
