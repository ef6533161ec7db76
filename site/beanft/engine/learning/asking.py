"""What is proposed before a training: how the rows are checked, by the size of the table and its roles."""

from dataclasses import dataclass

from beanft.engine.errors import EngineError
from beanft.engine.learning.choices import Choices
from beanft.engine.learning.sizes import SMALL, Sizes, sizes
from beanft.engine.learning.task import class_refusal, holds_numbers, most_rows_to_learn
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.wording import counted

FEWEST_GROUPS = 3
"""One is held out, and two folds need one each."""
FEWEST_MOMENTS = 4
"""One is held out, and two folds need two and one to learn from before them."""
_SEVERAL_ROWS = "several-rows-each"  # finding whose first column names what rows belong to (checks.entities)


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """How the rows would be checked if nobody chose otherwise."""

    by: str
    """chance, group or time."""
    column: str
    """Column of the groups or of the time; empty for chance."""
    holdout: float
    """Share of the rows locked away."""
    folds: int
    """Parts that the other rows are cut into; 1 for one part of 20 %, checked once."""
    stratified: bool
    """Whether every class has the same share in all parts."""
    sentence: str
    """What is done and why, in two or three sentences."""
    offer: str
    """What else could be right, with a column of dates or of groups; empty when nothing hints at it."""
    offered: str
    """The date column of the offer; empty without one."""
    offered_group: str
    """The column of the offer whose rows may belong together; empty without one."""


def propose_validation(profile: Profile, target: str, task: str, *, max_rows: int | None = None) -> Proposal:
    """Propose how rows are locked away and cut, from the profile and the roles alone.

    Parameters
    ----------
    profile : Profile
        Profile of the table, its columns in their roles.
    target : str
        Column to predict; its own role counts for nothing. Empty while none is chosen.
    task : str
        classification, regression, or empty while there is none.
    max_rows : int, optional
        Rows trained on at most.

    Returns
    -------
    Proposal
        By time where a column has that role, else by group, else by chance and stratified for classes.
    """
    n_rows = _rows_taking_part(profile, target, task)
    n_rows = n_rows if max_rows is None else min(n_rows, max_rows)
    by, column = _cut_by(profile, target)
    sized = sizes(n_rows, by)
    stratified = task == "classification" and by != "time"
    offered = "" if by == "time" else _dated(profile, target)
    grouped = "" if by != "chance" else _entity(profile, target)
    return Proposal(
        by=by,
        column=column,
        holdout=sized.holdout,
        folds=sized.folds,
        stratified=stratified,
        sentence=" ".join(_said(by, column, sized, n_rows, stratified=stratified)),
        offer=" ".join(filter(None, (_offer(offered), _offer_groups(grouped, target)))),
        offered=offered,
        offered_group=grouped,
    )


def group_columns(profile: Profile, target: str = "") -> list[str]:
    """Name the columns that rows can be grouped by.

    Parameters
    ----------
    profile : Profile
        Profile of the table.
    target : str
        Column to predict, which cannot be one of them.

    Returns
    -------
    list of str
        Columns of three values or more of which some repeat, in the order of the table.
    """
    return [
        column.name
        for column in profile.columns
        if column.name != target
        and column.n_distinct >= FEWEST_GROUPS
        and (column.n_distinct < profile.n_rows - column.n_missing or not column.distinct_is_exact)
    ]


def time_columns(profile: Profile, target: str = "") -> list[str]:
    """Name the columns that can tell which rows are later.

    Parameters
    ----------
    profile : Profile
        Profile of the table.
    target : str
        Column to predict, which cannot be one of them.

    Returns
    -------
    list of str
        Dates and numbers of four values or more, the one in the role time among them, in the order of the
        table.
    """
    return [
        column.name
        for column in profile.columns
        if column.name != target
        and ((column.n_distinct >= FEWEST_MOMENTS and _in_time(column)) or column.role == "time")
    ]


def check_question(profile: Profile, target: str, task: str, choices: Choices) -> None:
    """Refuse choices that do not fit the table, before a job is made of them.

    Parameters
    ----------
    profile : Profile
        Profile of the table.
    target : str
        Column to predict.
    task : str
        classification or regression.
    choices : Choices
        Validation, class weights and settings.

    Raises
    ------
    EngineError
        The column that rows are cut by is missing, unfit or the target, class weights were chosen for a
        regression, or the target is words that look like numbers and leave hardly a row to learn from.

    Examples
    --------
    >>> check_question(Profile(n_rows=9, columns=()), "y", "regression", Choices(class_weights="balanced"))
    Traceback (most recent call last):
        ...
    beanft.engine.errors.EngineError: Class weights are for classification. Choose none for a regression.
    """
    if task != "classification" and choices.class_weights:
        raise EngineError("Class weights are for classification. Choose none for a regression.")
    if choices.positive and task != "classification":
        raise EngineError("A regression has no classes. Choose no class to be found.")
    refusal = cut_refusal(profile, target, choices.validation.by, choices.validation.column)
    if refusal:
        raise EngineError(refusal)
    column = _named(profile, target)
    if task == "classification" and column is not None and not holds_numbers(column):
        refusal = class_refusal(column, profile.n_rows - column.n_missing)
        if refusal:
            raise EngineError(refusal)


def cut_refusal(profile: Profile, target: str, by: str, column: str) -> str:
    """Say why rows cannot be cut by a column.

    Parameters
    ----------
    profile : Profile
        Profile of the table.
    target : str
        Column to predict.
    by : str
        How rows are to be cut, one of `choices.WAYS`.
    column : str
        Column of the groups or of the time; empty for the one in that role.

    Returns
    -------
    str
        One or two plain sentences; empty when nothing stands against it.
    """
    if by not in ("group", "time"):
        return ""
    what = "groups" if by == "group" else "time"
    column = column or next((one.name for one in profile.columns if one.role == by), "")
    if not column:
        return f"Choose the column of the {what}."
    known = {one.name: one for one in profile.columns}
    if column not in known:
        return f"There is no column “{column}” in this dataset. Choose one of its columns."
    if column == target:
        return f"“{column}” is to be predicted, so rows cannot be cut by it. Choose another column."
    if by == "group" and known[column].n_distinct < FEWEST_GROUPS:
        return (
            f"“{column}” has {counted(known[column].n_distinct, 'value')}, and at least {FEWEST_GROUPS} "
            "groups are needed. Choose another column."
        )
    if by == "time" and not _in_time(known[column]):
        return f"“{column}” holds neither dates nor numbers, so it tells no time. Choose another column."
    if by == "time" and known[column].n_distinct < FEWEST_MOMENTS:
        return (
            f"“{column}” has {counted(known[column].n_distinct, 'moment')}, and at least {FEWEST_MOMENTS} "
            "are needed. Choose another column."
        )
    return ""


def _in_time(column: Column) -> bool:
    return column.stored in ("DATE", "TIMESTAMP") or column.kind == "number"


def _rows_taking_part(profile: Profile, target: str, task: str) -> int:
    """Rows with a value of the target; of words only those of classes that can be learned."""
    column = _named(profile, target)
    if column is None:
        return profile.n_rows
    n_values = profile.n_rows - column.n_missing
    words = task == "classification" and not holds_numbers(column)
    return most_rows_to_learn(column, n_values) if words else n_values


def _named(profile: Profile, name: str) -> Column | None:
    return next((one for one in profile.columns if one.name == name), None)


def _cut_by(profile: Profile, target: str) -> tuple[str, str]:
    for role in ("time", "group"):
        for column in profile.columns:
            if column.role == role and column.name != target:
                return role, column.name
    return "chance", ""


def _dated(profile: Profile, target: str) -> str:
    """The first date column that could tell the time."""
    for column in profile.columns:
        dated = column.stored in ("DATE", "TIMESTAMP") and column.n_distinct >= FEWEST_MOMENTS
        if dated and column.name != target and column.role != "ignore":
            return column.name
    return ""


def _offer(column: str) -> str:
    if not column:
        return ""
    return (
        f"“{column}” holds dates, so the rows may be ordered by time. If later rows are to be predicted from "
        "earlier ones, choose “By time”: checking on rows drawn by chance would then promise too much."
    )


def _entity(profile: Profile, target: str) -> str:
    """The column that names what several rows belong to, where the target too agrees within its values."""
    usable = set(group_columns(profile, target))
    for finding in profile.findings:
        if finding.code == _SEVERAL_ROWS and target in finding.columns[1:]:
            name = finding.columns[0]
            column = _named(profile, name)
            if name in usable and column is not None and column.role != "ignore":
                return name
    return ""


def _offer_groups(column: str, target: str) -> str:
    if not column:
        return ""
    return (
        f"Several rows have the same “{column}”, and their “{target}” is more alike than by chance. If rows "
        f"of another “{column}” are to be predicted, choose “By group”: a model could else know it again."
    )


def _said(by: str, column: str, sized: Sizes, n_rows: int, *, stratified: bool) -> list[str]:
    n_locked = max(1, round(n_rows * sized.holdout))
    why = {
        "time": f"“{column}” tells the time: learning is from earlier rows, and checking on later ones.",
        "group": f"Rows with the same “{column}” stay together, on the side of learning or of checking.",
        "chance": "Rows are drawn by chance, each class by its share."
        if stratified
        else "Rows are drawn by chance.",
    }[by]
    locked = f"{100 * sized.holdout:.2g} % of the rows ({n_locked:,}) are locked away until the end."
    if sized.folds == 1:
        part = "a later part of them" if by == "time" else "one part of 20 %"
        cut = f"The table is large, so the others are checked once, on {part}."
    elif sized.repeats > 1:
        cut = f"The table is small, so the others are cut into {sized.folds} folds, {sized.repeats} times."
    elif by == "time":
        cut = f"The others are checked in {sized.folds} steps, each learning from all rows before it."
    else:
        cut = (
            f"The others are cut into {sized.folds} folds{_why_folds(by, n_rows - n_locked)}; "
            "each is predicted by models that never saw it."
        )
    return [why, locked, cut]


def _why_folds(by: str, n_left: int) -> str:
    """Why it is so many folds: by group it is always the same number."""
    if by == "group":
        return ""
    few = n_left <= SMALL
    return f" because they are {'no more' if few else 'more'} than {SMALL:,} rows"
