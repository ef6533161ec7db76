"""What one click can do about a finding: train again without its columns, or with rows cut another way."""

from dataclasses import dataclass

from beanft.engine.findings import Finding

_DROP = (
    "leak-column",
    "target-identity",
    "missingness-leak",
    "known-afterwards",
    "identifier-feature",
    "locked-rows-differ",
    "too-good",
)
_CUT = {"same-entity": "group", "shuffled-dates": "time", "unchecked-dates": "time"}


@dataclass(frozen=True, kw_only=True)
class Action:
    """How to train again."""

    without: tuple[str, ...] = ()
    """Features to leave out."""
    by: str = ""
    """group or time: how to cut the rows; empty to leave it as it was."""
    column: str = ""
    """Column to cut them by."""
    distinct: bool = False
    """Whether rows that repeat another one take part only once."""


def action_of(finding: Finding) -> Action | None:
    """Tell how to train again in answer to a finding.

    Parameters
    ----------
    finding : Finding
        Of a check before or after training.

    Returns
    -------
    Action or None
        None where another training of the same table cannot help.

    Examples
    --------
    >>> found = Finding(code="same-entity", severity="warning", columns=("id",), sentence="s", figure=1.0)
    >>> action_of(found)
    Action(without=(), by='group', column='id', distinct=False)
    """
    if finding.code in _CUT and finding.columns:
        return Action(by=_CUT[finding.code], column=finding.columns[0])
    if finding.code == "duplicates-across":
        return Action(distinct=True)
    if finding.code in _DROP and finding.columns:
        return Action(without=finding.columns)
    return None
