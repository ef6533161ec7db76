"""The checks that belong to a training: what looks at the rows meanwhile, and what was found so far."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from beanft.engine.checks.training.look import FAILED, Look
from beanft.engine.findings import Finding
from beanft.engine.learning.search.crew import Crew, Done
from beanft.engine.progress import Progress

LOOK = "look"
"""Names the look at the rows in a crew."""
_LOOK_S = 30.0
_FIRST_RUNS = 3  # the baseline and two learners: what people wait for

_log = logging.getLogger(__name__)


class Checks:
    """Looks at the rows once, when the first scores are there, and hands findings over.

    Parameters
    ----------
    look : callable
        Takes nothing, gives what was found and what was looked for.
    progress : Progress
        Told of the findings.
    """

    def __init__(self, look: Callable[[], Look], progress: Progress) -> None:
        self.pending: Callable[[], Look] | None = look
        """The look that is still to be taken; None once it has ended."""
        self.looked: tuple[str, ...] = ()
        """What was looked for, to the end."""
        self._is_begun = False
        self._found: list[dict[str, Any]] = []
        self._progress = progress

    def begin(self, crew: Crew, n_runs: int) -> bool:
        """Begin to look if it is time to, so many runs being there; False when it is not."""
        if self.pending is None or self._is_begun or n_runs < _FIRST_RUNS:
            return False
        self._is_begun = True
        crew.begin((LOOK, 0), self.pending, limit_s=_LOOK_S)
        return True

    def settle(self, done: Done) -> None:
        """Take what the look found, or that it failed: a training goes on without it, and says so."""
        if done.error is not None:
            _log.warning("the checks failed: %r", done.error)
        self.take(done.result if done.error is None else FAILED)

    def take(self, look: Look) -> None:
        """Take what the look found, and what it looked for."""
        self.pending, self.looked = None, look.looked
        self.add(look.findings)

    def add(self, found: Sequence[Finding]) -> None:
        """Hand over all findings so far, these among them."""
        self._found += [asdict(finding) for finding in found]
        self._progress.record({"part": "findings", "findings": self._found})
        self._progress.record({"part": "checked", "checked": True})
