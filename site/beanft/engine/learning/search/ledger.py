"""The runs of a search: each is kept, compared with the others and handed over as soon as it is there."""

import logging
from collections.abc import Mapping
from itertools import chain, count
from pathlib import Path
from typing import Any

import numpy as np

from beanft.engine.errors import EngineError
from beanft.engine.learning import files
from beanft.engine.learning.exports.vectors import keep_vectors, make_vectors, places_in
from beanft.engine.learning.judging.judge import Judge
from beanft.engine.learning.learners import BASELINE
from beanft.engine.learning.libraries import versions_now
from beanft.engine.learning.prepare import Feature
from beanft.engine.learning.schema import brief
from beanft.engine.learning.search.asked import Asked
from beanft.engine.learning.search.bag import Bag
from beanft.engine.learning.search.clock import Clock
from beanft.engine.learning.search.saying import ended, pooled
from beanft.engine.progress import Progress

_log = logging.getLogger(__name__)


def fresh_name(folder: Path, stem: str) -> str:
    """Name a model file so that none is written over: the one that is there may be in use until the end.

    Parameters
    ----------
    folder : Path
        The experiment's folder.
    stem : str
        What the name begins with.

    Returns
    -------
    str
        Name of a file that is not there.
    """
    names = chain((f"{stem}.joblib",), (f"{stem}.{number}.joblib" for number in count(2)))
    return next(name for name in names if not (folder / name).exists())


class Ledger:
    """Keeps what the runs of a search left.

    Parameters
    ----------
    asked : Asked
        What the search works on.
    clock : Clock
        Time of the experiment.
    progress : Progress
        Told of each run.
    """

    def __init__(self, asked: Asked, clock: Clock, progress: Progress) -> None:
        self.runs: dict[str, dict[str, Any]] = {}
        """Facts of the runs by key, in the order in which they ended."""
        self.judge = Judge(asked.evidence)
        self._asked, self._question = asked, asked.question
        self._clock, self._progress = clock, progress

    @property
    def ready(self) -> list[dict[str, Any]]:
        """Facts of the runs that have a score, the best first."""
        return sorted((facts for facts in self.runs.values() if facts["state"] == "ready"), key=self._rank)

    def is_ready(self, key: str) -> bool:
        """Whether there is such a run, and it has a score."""
        return self.runs.get(key, {}).get("state") == "ready"

    def rank(self, key: str) -> float:
        """A number by which runs are sorted: less is better."""
        return self._rank(self.runs[key])

    def _rank(self, facts: Mapping[str, Any]) -> float:
        mean = pooled(facts)
        return -mean if self._question.headline.greater_is_better else mean

    def hand_over(self, facts: dict[str, Any], unseen: np.ndarray, bag: Bag, **more: Any) -> None:
        """Keep what a run left, compare it with the others, and tell.

        Parameters
        ----------
        facts : dict
            Facts of the run, with its scores.
        unseen : array of shape (n_tested, n_classes) or (n_tested,)
            What it said of rows that it had not learned from.
        bag : Bag
            Its model.
        **more
            Further parts of the model file.
        """
        key = facts["key"]
        self._asked.evidence.save_oof(key, unseen)
        facts |= self._compared(facts, unseen)
        name = fresh_name(self._asked.folder, key)
        facts["file"], facts["oof"] = name, f"{key}.oof.npy"
        content = self._content(facts, bag) | more
        facts["sha256"] = files.save(self._asked.folder / name, content)
        self.keep_vectors(key, content, facts["sha256"])
        facts["schema"] = self._brief()
        self.keep(facts)

    def keep(self, facts: dict[str, Any]) -> None:
        """Keep the facts of a run that ended just now, however it ended, and tell."""
        facts["ended_s"] = self._clock.shown
        self.runs[facts["key"]] = facts
        self._progress.record(facts)
        self.tell_verdict()
        sentence = ended(facts, self._question.headline.title)
        self._progress.record({"part": "log", "s": self._clock.shown, "sentence": sentence})

    def model(self, key: str) -> dict[str, Any]:
        """Read what the model file of a run holds."""
        facts = self.runs[key]
        return dict(files.load(self._asked.folder / facts["file"], facts["sha256"]))

    def is_of_today(self, facts: Mapping[str, Any]) -> bool:
        """Whether a run of an earlier attempt turned rows into what this one does; else it is made again."""
        if facts["state"] != "ready":
            return True
        try:
            model = files.load(self._asked.folder / facts["file"], facts["sha256"])
        except EngineError:  # it was deleted; its scores stay
            return True
        features: tuple[Feature, ...] = model["estimator"].coder.plan.features  # its notes are only words
        # Its classes, too, have their places: an earlier release may have ordered them otherwise.
        return features == self._question.plan.features and list(model["labels"]) == list(
            self._question.labels
        )

    def take_over(self, facts: dict[str, Any]) -> None:
        """Count a run of an earlier attempt among those of this one."""
        if facts["state"] == "ready":
            self._compared(facts, self._asked.evidence.oof(facts["key"]))
            facts |= {"schema": self._brief(), "role": ""} | facts.pop("unseen_model", {})
            facts.pop("again", None)
        self.runs[facts["key"]] = facts

    def keep_vectors(self, key: str, content: Mapping[str, Any], sha256: str) -> None:
        """Keep what a model says of some rows, so that it can be told one day whether it still says so.

        Parameters
        ----------
        key : str
            Key of the run.
        content : mapping
            What its model file holds.
        sha256 : str
            Digest of that file.
        """
        question = self._question
        rows = places_in(len(question.y))
        try:
            made = make_vectors(content, question.X.iloc[rows], question.rows[rows], sha256)
        except EngineError as error:  # it says nothing of these rows; the run itself was judged on others
            _log.warning("no test vectors of %s: %s", key, error)
        else:
            keep_vectors(self._asked.folder, key, made)

    def tell_verdict(self) -> None:
        """Hand over how the runs stand against each other."""
        self._progress.record({"part": "verdict", "verdict": self.judge.verdict().facts()})

    def _compared(self, facts: Mapping[str, Any], unseen: np.ndarray) -> dict[str, Any]:
        """Compare a run with the others: its interval, and whether it is better than the baseline."""
        baseline = self.runs.get(BASELINE)
        return {"guess": baseline["mean"] if baseline else None} | self.judge.add(
            facts["key"],
            title=facts["title"],
            learner=facts["learner"],
            predicted=unseen,
            scores=facts["scores"],
            test_to_train=facts["test_to_train"],
            seconds=facts["seconds"],
        )

    def _content(self, facts: Mapping[str, Any], bag: Bag) -> dict[str, Any]:
        """What a model file holds."""
        question = self._question
        return {
            "estimator": bag,
            "schema": self._asked.schema,
            "target": self._asked.target,
            "task": question.task,
            "labels": question.labels,
            "learner": facts["learner"],
            "title": facts["title"],
            "seed": question.seed,
            "calibration": None,
            "versions": versions_now(),
        }

    def _brief(self) -> dict[str, Any]:
        """What pages show of the columns and classes of a model."""
        return {"columns": brief(self._asked.schema), "labels": list(self._question.labels)}
