"""What a search is asked for: the question, the learners, and the bounds of a fit."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from beanft.engine.learning.choices import Choices
from beanft.engine.learning.evidence import Evidence
from beanft.engine.learning.question import Question


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the search works on."""

    question: Question
    """The experiment made ready."""
    evidence: Evidence
    """Its rows and truth, saved."""
    choices: Choices
    """Class weights and settings."""
    schema: list[dict[str, Any]]
    """The columns as a form needs them."""
    target: str
    """Column to predict."""
    folder: Path
    """Where files go."""
    learners: tuple[str, ...]
    """Keys of the learners asked for."""
    n_variations: int
    """Variations tried at most."""
    memory_mb: float
    """Memory that one fit may use."""
