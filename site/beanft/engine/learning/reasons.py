"""Why a row is answered as it is: what each column contributes, and the training rows most like it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from beanft.engine.errors import EngineError
from beanft.engine.learning.evidence import Evidence, evidence_or_none
from beanft.engine.learning.explaining.contributions import Contributions, taken_apart
from beanft.engine.learning.explaining.function import Deadline, short_value
from beanft.engine.learning.explaining.mixing import Mixer, heaviest, weights_of
from beanft.engine.learning.explaining.similar import nearest_rows
from beanft.engine.learning.explaining.words import words_that_count
from beanft.engine.learning.serving.rows import code_rows
from beanft.engine.learning.uncertainty.comparing import Compared, PerModel, compared_of
from beanft.engine.learning.uncertainty.kept import by_name, column_weights, keep_weights, row_seconds
from beanft.engine.tables.wording import counted, shown

if TYPE_CHECKING:  # loads scikit-learn, which the model itself does when it is opened
    from beanft.engine.learning.search.coding import Coded

_BACKGROUNDS = (64, 32, 16, 8)  # training rows that a row is compared with
_MOST_ORDERS = 16
_ALONE = 20  # columns that contribute each by itself; the others enter together
_SHOWN = 8  # the largest of them, which a page names: none of the others may be larger
_SIFTED = 2  # training rows that tell which of the others count for this row
_EXACT = 6  # columns up to which all combinations are asked for: 64 for each background row
_SHARE_OF_TIME = 0.5  # of the limit that the contributions are planned to take
_CHOSEN_FROM = 512
_ROW_S = 4e-4  # of a model that was not timed
_WEIGHTS_S = 2.0
_NAMED_COLUMNS = 8  # values of similar rows that are shown
_SIMILAR = 3
_SHARE_OF_WORDS = 0.2  # of the limit, for the words of a text
_FEWEST_WORDS = 20
_NOT_KEPT = (
    "Training rows to compare with are not kept with this model, because it was trained by an earlier "
    "release. Train it again to see reasons."
)


def reasons_of(
    model: Mapping[str, Any],
    folder: Path,
    row_frame: pd.DataFrame,
    *,
    label: str | None = None,
    limit_s: float = 0.5,
    key: str = "",
) -> dict[str, Any]:
    """Tell why a row is answered as it is.

    Parameters
    ----------
    model : mapping
        What a model file holds.
    folder : Path
        The experiment's folder, where training rows are kept.
    row_frame : DataFrame of shape (1, n_columns)
        The row, as the checker gives it.
    label : str, optional
        Class whose probability is taken apart; the most likely one by default.
    limit_s : float
        Seconds that it may take once the model's training rows are in memory; decides how many of them the
        row is compared with. The first question of a model takes longer.
    key : str, optional
        Key of the run, to tell what was said of similar rows while they were unseen.

    Returns
    -------
    dict
        Plain JSON: label, base, prediction, shares (columns, value, error), rest, n_rest
        and rest_columns, exact, n_background, how,
        words, n_words and n_words_tried (see words_that_count),
        similar (row, distance, truth, predicted, values), columns, n_searched, why_not. The prediction is the
        base, all values and the rest added up.

    Raises
    ------
    EngineError
        The model knows no such class.
    """
    labels = tuple(model["labels"])
    if label is not None and label not in labels:
        raise EngineError(f"The model knows no class {shown(label)}.")
    known = _KNOWN.of(model, Path(folder), key)
    if known is None:
        return _without(_NOT_KEPT)
    row = code_rows(model, row_frame[known.names])
    said = known.mixer.predict(row)[0]
    place = None if not labels else labels.index(label) if label else int(np.argmax(said))
    known.weigh(limit_s)
    made = known.taken_apart(row, place, limit_s)
    facts = {"label": None if place is None else labels[place]} | _contributions(made, known)
    return facts | known.words(row, place, limit_s) | _similar(model, known, row_frame, key) | {"why_not": ""}


class _Known:
    """What is found out once of a model, so that its rows are explained quickly.

    Parameters
    ----------
    model : mapping
        What a model file holds.
    folder : Path
        The experiment's folder.
    key : str
        Key of its run; empty where it is not known.
    compared : Compared
        Training rows as the model sees them.
    """

    def __init__(self, model: Mapping[str, Any], folder: Path, key: str, compared: Compared) -> None:
        self.names = [str(column["name"]) for column in model["schema"]]
        self.kinds = {str(column["name"]): str(column["kind"]) for column in model["schema"]}
        self.compared = compared
        self.mixer = Mixer(model)
        self.vocabularies: Mapping[str, Any] = model["estimator"].coder.words_
        self.evidence: Evidence | None = evidence_or_none(folder)
        self._where = folder, key
        kept = (column_weights(folder, key) if key else None) or {}
        self.weights = np.array([kept.get(name, np.nan) for name in self.names])
        sample = compared.coded.at(np.arange(min(_CHOSEN_FROM, len(compared.coded))))
        self._said = self.mixer.predict(sample)
        self._row_s = row_seconds(folder, key) or _ROW_S
        self.weigh(_WEIGHTS_S)

    @property
    def order(self) -> np.ndarray:
        """Places of the columns, the heaviest first, those not measured last."""
        return heaviest(self.weights)

    @property
    def n_measured(self) -> int:
        """Columns of which is known how far they move predictions."""
        return int(np.isfinite(self.weights).sum())

    def weigh(self, limit_s: float) -> None:
        """Measure the columns that were not measured yet, as far as time allows, and keep that."""
        if self.n_measured == len(self.names):
            return
        folder, key = self._where
        weights = weights_of(self.mixer, self.compared.coded, self.names, limit_s=limit_s, known=self.weights)
        self.weights = weights
        if key:
            keep_weights(folder, key, by_name(self.names, weights))

    def taken_apart(self, row: "Coded", place: int | None, limit_s: float) -> Contributions:
        """Compare the row with as many training rows as time allows, chosen evenly over what is said of them.

        How many that are was settled at the end of the training, so that an answer that moves with a form
        moves because of the row. Columns that count for this row more than for others are found on the way.
        """
        deadline, affordable = Deadline(2 * limit_s), _SHARE_OF_TIME * limit_s / self._row_s
        names = [self.names[at] for at in self.order]
        made = self._apart(row, place, _players(names, _ALONE), affordable, deadline)
        if not _hides_more(made) or deadline.passed:
            return made
        sifted = self._sifted(row, place, names[_ALONE:])
        n_more = int(affordable / _SHARE_OF_TIME / (2 * _BACKGROUNDS[-1])) - 2 - _ALONE
        players = _players([*names[:_ALONE], *sifted], _ALONE + max(_SHOWN, n_more))
        return self._apart(row, place, players, affordable, deadline)

    def words(self, row: "Coded", place: int | None, limit_s: float) -> dict[str, Any]:
        """Which words of its texts move the answer, among as many as time allows."""
        most = max(_FEWEST_WORDS, int(_SHARE_OF_WORDS * limit_s / self._row_s))
        return words_that_count(self.mixer.predict, row, self.vocabularies, place, most=most)

    def _apart(
        self,
        row: "Coded",
        place: int | None,
        players: list[tuple[str, ...]],
        affordable: float,
        deadline: Deadline,
    ) -> Contributions:
        exact = len(players) <= _EXACT
        each = 1 << len(players) if exact else 2 * (len(players) + 1)
        n = next((n for n in _BACKGROUNDS if n * each <= affordable), _BACKGROUNDS[-1])
        chosen = self._spread(n, place)
        return taken_apart(
            self.mixer.between(row, self.compared.coded.at(chosen), players, place),
            players,
            len(chosen),
            max_orders=int(np.clip(2 * (affordable // (len(chosen) * each)), 2, _MOST_ORDERS)),
            seed=0,
            deadline=deadline,
            exact=_EXACT,
        )

    def _spread(self, n: int, place: int | None) -> np.ndarray:
        """Places of training rows, evenly over what is said of them."""
        said = self._said if place is None else self._said[:, place]
        n = min(n, len(said))
        chosen: np.ndarray = np.argsort(said, kind="stable")[
            ((np.arange(n) + 0.5) * len(said) / n).astype(int)
        ]
        return chosen

    def _sifted(self, row: "Coded", place: int | None, names: list[str]) -> list[str]:
        """Order columns by how far the answer to the row moves with the values of a few training rows."""
        chosen = self._spread(_SIFTED, place)
        players = _players([*names, *(name for name in self.names if name not in set(names))], len(names))
        asked = self.mixer.between(row, self.compared.coded.at(chosen), players, place)
        masks = np.vstack([np.ones(len(players), dtype=bool), ~np.eye(len(names), len(players), dtype=bool)])
        starts = np.repeat(np.arange(len(chosen)), len(masks))
        said = asked(np.tile(masks, (len(chosen), 1)), starts).reshape(len(chosen), len(masks))
        moved = np.abs(said[:, 1:] - said[:, :1]).mean(axis=0)
        return [names[at] for at in heaviest(moved)]


def _players(names: list[str], n_alone: int) -> list[tuple[str, ...]]:
    """The first columns by themselves, the others together."""
    rest = tuple(names[n_alone:])
    return [*((name,) for name in names[:n_alone]), *([rest] if rest else [])]


def _hides_more(made: Contributions) -> bool:
    """Whether columns that count together count for more than the smallest that is named by itself."""
    alone = [abs(one.value) for one in made.shares if len(one.columns) == 1]
    rest = sum(one.value for one in made.shares if len(one.columns) > 1)
    return abs(rest) > min(alone[:_SHOWN], default=0.0)


def _known(model: Mapping[str, Any], folder: Path, key: str) -> _Known | None:
    compared = compared_of(model, folder)
    return None if compared is None else _Known(model, folder, key, compared)


_KNOWN = PerModel(_known)


def _contributions(made: Contributions, known: _Known) -> dict[str, Any]:
    alone = [one for one in made.shares if len(one.columns) == 1][:_ALONE]  # the largest
    named = {one.columns[0] for one in alone}
    rest = [one for one in made.shares if one.columns[0] not in named]
    return {
        "base": made.base,
        "prediction": made.prediction,
        "shares": [{"columns": list(one.columns), "value": one.value, "error": one.error} for one in alone],
        "rest": sum(one.value for one in rest),
        "n_rest": len(known.names) - len(alone),
        "rest_columns": [name for one in rest for name in one.columns],
        "exact": made.exact,
        "n_background": made.n_background,
        "how": _how(made, len(known.names) - len(alone), known),
    }


def _how(made: Contributions, n_rest: int, known: _Known) -> str:
    rows = counted(made.n_background, "training row")
    together = f"; {counted(n_rest, 'column')} count together" if n_rest else ""
    if made.exact:
        how = f"Compared with {rows}, all combinations of the columns counted{together}. It adds up exactly."
    else:
        how = (
            f"Compared with {rows} in random orders of the columns{together}. It adds up exactly, but how it "
            "is shared among the columns is an estimate with the errors given."
        )
    return how + _unsettled(made, known)


def _unsettled(made: Contributions, known: _Known) -> str:
    """Say what keeps those named from being surely the largest."""
    said = ""
    if _hides_more(made):
        said += (
            " Those together make up more than some column that is named: time did not suffice to take all "
            "of them apart."
        )
    if known.n_measured < len(known.names):
        said += (
            f" {known.n_measured:,} of {counted(len(known.names), 'column')} were measured so far by how far "
            "they move this model's answers."
        )
    return said


def _similar(model: Mapping[str, Any], known: _Known, row: pd.DataFrame, key: str) -> dict[str, Any]:
    """The training rows most like the row, over the columns that count."""
    background, order = known.compared.background, known.order[: min(_ALONE, known.n_measured)]
    names, weights = [known.names[place] for place in order], known.weights[order]
    found = nearest_rows(row[names], background.X[names], known.kinds, weights, n=_SIMILAR)
    shown_names = names[:_NAMED_COLUMNS]
    rows = [
        {
            "distance": float(distance),
            "values": {name: short_value(background.X[name].iloc[at]) for name in shown_names},
            **_truth(known.evidence, tuple(model["labels"]), int(background.places[at]), key),
        }
        for at, distance in zip(found.places.tolist(), found.distances, strict=True)
    ]
    return {"similar": rows, "columns": shown_names, "n_searched": len(background.X)}


def _truth(evidence: Evidence | None, labels: tuple[str, ...], place: int, key: str) -> dict[str, Any]:
    """Number of a training row in the table, its truth, and what was said of it while it was unseen."""
    if evidence is None or place >= len(evidence.rows):
        return {"row": None, "truth": None, "predicted": None}
    y = evidence.y[place]
    facts = {"row": int(evidence.rows[place]), "truth": labels[int(y)] if labels else float(y)}
    said = _unseen(evidence, place, key)
    if said is None:
        return facts | {"predicted": None}
    return facts | {"predicted": labels[int(np.argmax(said))] if labels else float(said)}


def _unseen(evidence: Evidence, place: int, key: str) -> Any:
    if not key or evidence.fold[place] < 0:
        return None
    try:
        return evidence.oof(key)[int(np.searchsorted(evidence.tested, place))]
    except EngineError:
        return None


def _without(why_not: str) -> dict[str, Any]:
    return {
        "label": None, "base": None, "prediction": None, "shares": [], "rest": 0.0, "n_rest": 0,
        "rest_columns": [], "words": [], "n_words": 0, "n_words_tried": 0, "exact": False, "n_background": 0,
        "how": "", "similar": [], "columns": [], "n_searched": 0, "why_not": why_not,
    }  # fmt: skip
