"""What the open findings leave of a score: under which conditions it holds, in the words of every page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from beanft.engine.checks.training.unlooked import LIMITING
from beanft.engine.findings import Finding
from beanft.engine.learning.judging.verdict import CONFIRMS, instead, is_ahead
from beanft.engine.tables.wording import shown

_NAMED = 2  # conditions in front of a verdict; the others are counted there and told beside it
_COLUMN = 40  # characters of a column's name


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What limits the meaning of a score."""

    conditions: tuple[str, ...] = ()
    """Under which it holds, each to follow “good only”: one for each serious finding that is open."""
    answers: tuple[str, ...] = ()
    """Which later experiment answers a serious finding, in sentences: the score here is as it was."""
    beaten: str = ""
    """Which simple guess does better than the final model, in a sentence; empty where none does."""
    unchecked: tuple[str, ...] = ()
    """What would limit it but could not be looked for, in sentences."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of them as sentences, for who uses the model."""
        held = tuple(f"Good only {one}." for one in self.conditions)
        return held + self.answers + self.unchecked + ((self.beaten,) if self.beaten else ())

    def qualify(self, sentence: str, code: str) -> str:
        """Put the limits in front of a verdict that praises, and take back that it is confirmed beyond them.

        Parameters
        ----------
        sentence : str
            The verdict in words.
        code : str
            Its code; where nothing is said to be better than guessing there is nothing to take back.

        Returns
        -------
        str

        Examples
        --------
        >>> known = Limits(conditions=("for rows of a “patient” that it knows",))
        >>> known.qualify("Trees score 0.99, which confirms it.", "better")[:58]
        'Good only for rows of a “patient” that it knows: Trees sco'
        """
        if code not in ("better", "unconfirmed") or not self.sentences:
            return sentence
        within = "that limit" if len(self.conditions) == 1 else "these limits"
        claim = f"{CONFIRMS} within {within}" if self.conditions else f"{CONFIRMS} as far as was checked"
        is_claimed = self.conditions or (self.unchecked and not self.answers)
        sentence = sentence.replace(CONFIRMS, claim if is_claimed and not self.beaten else "")
        after = (*self.answers, *self.unchecked)
        if not self.conditions:
            return _joined(*self.answers, sentence, *self.unchecked)
        only = f"Good only {_together(self.conditions)}"
        if code == "better" and not self.beaten:
            return _joined(f"{only}: {sentence}", *after)
        return _joined(sentence, f"{only}.", *after)


def _joined(*parts: str) -> str:
    """The sentences that there are; blanks within them are the user's own."""
    return " ".join(filter(None, parts))


def limits_of(
    findings: Sequence[Finding], target: str, answered: Mapping[str, str] | None = None, beaten: str = ""
) -> Limits:
    """Tell what the findings of an experiment leave of its score.

    Parameters
    ----------
    findings : sequence of Finding
        What the checks before and after training found.
    target : str
        Column that is predicted.
    answered : mapping of str to str, optional
        By key of the finding, for those on which something was decided: which experiment answers it, as the
        beginning of a sentence; empty where it was accepted.
    beaten : str
        Which simple guess does better than the final model, in a sentence.

    Returns
    -------
    Limits
        Notes and findings that say nothing of what a score means limit nothing.

    Examples
    --------
    >>> found = Finding(code="same-entity", severity="warning", columns=("id",), sentence="s", figure=1.0)
    >>> limits_of([found], "ill").sentences
    ('Good only for rows of a “id” that it knows.',)
    >>> limits_of([found], "ill", {key_of(found): ""}).sentences
    ()
    """
    answered = answered or {}
    serious = [one for one in findings if one.severity == "warning" and one.code in _CONDITIONS]
    told = list(dict.fromkeys(answered[key] for one in serious if answered.get(key := key_of(one))))
    is_open = any(key_of(one) not in answered for one in serious)
    # of two trainings again each answers one finding alone: neither can be gone by
    settles = len(told) == 1 and not is_open
    still = [one for one in serious if key_of(one) not in answered or (answered[key_of(one)] and not settles)]
    # whose rows are known tells the target because the other rows of the same do, not because it leaks
    known = {one.columns for one in serious if one.code == _ENTITY}
    said = [_condition(one, target) for one in still if one.code == _ENTITY or one.columns not in known]
    end = ": go by that one." if settles else ", which answers that alone."
    return Limits(
        conditions=tuple(dict.fromkeys(said)),
        answers=tuple(f"{one}{end}" for one in told),
        beaten=beaten,
        unchecked=tuple(_unchecked(one) for one in findings if _is_unchecked(one, answered)),
    )


def beaten_sentence(judged: Mapping[str, Any], by: str) -> str:
    """Say which simple guesses do better than the final model on the locked rows, and what to do.

    Parameters
    ----------
    judged : mapping
        What `Confirmation.facts` gave, as it was stored.
    by : str
        group, time, or empty: how the rows were cut.

    Returns
    -------
    str
        Empty where none does, beyond chance.

    Examples
    --------
    >>> rule = {"title": "a rule of two questions", "difference": {"high": -0.1}}
    >>> beaten_sentence({"references": {"rule": rule}}, "")[:66]
    'On the locked rows a rule of two questions does better than the fi'
    """
    references = judged.get("references") or {}
    ahead = [str(facts.get("title", name)) for name, facts in references.items() if is_ahead(name, facts)]
    if not ahead:
        return ""
    do = "does" if len(ahead) == 1 else "do"
    return (
        f"On the locked rows {' and '.join(ahead)} {do} better than the final model: "
        f"{instead(len(ahead), by)}."
    )


def key_of(finding: Finding) -> str:
    """Name a finding within its experiment; the same in every attempt and after a repetition.

    Parameters
    ----------
    finding : Finding
        Any.

    Returns
    -------
    str

    Examples
    --------
    >>> key_of(Finding(code="leak-column", severity="warning", columns=("a",), sentence="s", figure=1.0))
    'leak-column:a'
    """
    return f"{finding.code}:{','.join(finding.columns)}"


def _condition(finding: Finding, target: str) -> str:
    names = [shown(name, _COLUMN) for name in finding.columns[:_NAMED]]
    more = len(finding.columns) - len(names)
    columns = " and ".join(names) + (f" and {more} more" if more else "")
    verb = "are" if len(finding.columns) > 1 else "is"
    return _CONDITIONS[finding.code](columns, verb, shown(target, _COLUMN))


def _is_unchecked(finding: Finding, answered: Mapping[str, str]) -> bool:
    """Whether a note tells of a check that could not be made, of something that would limit the score."""
    return finding.code in _UNCHECKED and key_of(finding) not in answered and bool(_missed(finding))


def _missed(finding: Finding) -> list[str]:
    """What a note says was not looked for and would limit a score; stored ones hold it only in words."""
    if finding.columns:
        return ["shuffled dates"]
    return [name for name in LIMITING if name in finding.sentence]


def _unchecked(finding: Finding) -> str:
    names = _missed(finding)
    more = len(names) - _UNCHECKED_NAMED
    clauses = ", ".join(_CLAUSES[name] for name in names[:_UNCHECKED_NAMED])
    named = clauses + (f", and {more} more" if more > 0 else "")
    why, remedy = _UNCHECKED[finding.code]
    if finding.columns:
        remedy = f"the safe choice is to train by time ({shown(finding.columns[0], _COLUMN)})"
    return f"Not checked, as {why}: {named}; {remedy}."


_UNCHECKED_NAMED = 3
_UNCHECKED = {
    "checks-skipped": ("time was too short", "give more time"),
    "checks-failed": ("the checks were cut off", "give more time"),
    "checks-few-rows": ("there are too few rows", "bring more rows"),
    "checks-few-of-class": ("there are too few rows of a class", "bring more rows of the rarest class"),
    "checks-many-columns": ("there are too many number columns", "train with fewer of them"),
    "unchecked-dates": ("there are too few rows", ""),
}
"""Codes of the notes on checks that could not be made: why, and what to do."""
_CLAUSES = {
    "entities on both sides": "whether rows of the same person or thing were both learned from and scored",
    "shuffled dates": "whether later rows would score as well",
    "columns that tell the target alone": "whether one column alone gives the answer away",
    "rows on both sides": "whether copies of a row were both learned from and scored",
    "dates known only afterwards": "whether a date is known only afterwards",
    "targets computed from columns": "whether the target is computed from other columns",
    "columns filled for one class only": "whether a column is filled only for one answer",
    "identifiers": "whether a column only names or numbers the rows",
}
"""What a check looks for, in the words of a headline, for each of `unlooked.LIMITING`."""


def _known_before(columns: str, verb: str, target: str) -> str:
    return f"if {columns} {verb} known before {target} is"


_ENTITY = "same-entity"
_CONDITIONS: dict[str, Callable[[str, str, str], str]] = {
    _ENTITY: lambda columns, *_: f"for rows of a {columns} that it knows",
    "shuffled-dates": lambda *_: "if rows of about the same time are known",
    "duplicates-across": lambda *_: "as far as new rows repeat those that it learned from",
    "leak-column": _known_before,
    "target-identity": _known_before,
    "known-afterwards": _known_before,
    "missingness-leak": _known_before,
    "too-good": _known_before,
    "identifier-feature": lambda columns, *_: f"if {columns} means for new rows what it means for these",
    "score-jump": lambda *_: "as far as the locked rows show",
}
"""Codes of the findings that limit a score, and under which condition it holds then."""


def _together(conditions: Sequence[str]) -> str:
    """The first conditions in one; the others are counted."""
    named = ", and only ".join(conditions[:_NAMED])
    more = len(conditions) - _NAMED
    return named if more <= 0 else f"{named}, and with {more} more {'limit' if more == 1 else 'limits'}"
