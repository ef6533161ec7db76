"""A small training with several learners, done once, from which files are made."""

from __future__ import annotations

import pytest

from beanft.engine.learning.exports.wanted import Wanted
from engine.learning.exports.stage import LEARNERS, german_csv, trained_on


@pytest.fixture(scope="session")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> Wanted:
    """Files of an ensemble of four learners of three classes, fitted once more on all rows."""
    return trained_on(
        tmp_path_factory.mktemp("exports"),
        german_csv(),
        target="Art",
        task="classification",
        learners=list(LEARNERS),
        choices={"settings": LEARNERS, "validation": {"folds": 2}},
    )
