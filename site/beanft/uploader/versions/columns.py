"""What the columns page asks for, made into wishes and roles; nothing is stored here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from beanft.engine.tables.columns import KINDS, ROLES, Column, Profile
from beanft.engine.tables.kinds.cells import format_choices
from beanft.engine.tables.kinds.dates import date_forms
from beanft.engine.tables.wishes import LONGEST_FORM, ColumnWish, Wishes
from beanft.uploader.services import RefusedError

USUAL = "usual"
"""What stands in the field of spellings where the usual ones mean missing."""

_LONGEST = 100  # characters of a spelling; nobody writes a missing value at such length
_MOST = 100  # spellings of one column
_ORDERED = ("BIGINT", "DOUBLE", "DATE", "TIMESTAMP")
_SINGLE = {"group": "group together", "time": "tell the time"}  # roles that one column of a table can have


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What is asked of one column; None leaves a thing as it is."""

    name: str
    """Name of the column."""
    kind: str | None = None
    """One of KINDS; empty lets it be found."""
    format: str | None = None
    """A form as in ColumnWish; empty lets it be found."""
    missing: str | None = None
    """Spellings that mean missing, as typed: see `read_spellings`."""
    role: str | None = None
    """One of ROLES; empty for none."""


def read_spellings(text: str) -> tuple[str, ...] | None:
    """Read spellings that are separated by semicolons; a semicolon within one is doubled.

    None stands for the usual ones. Nothing at all means that only empty cells are missing.

    Raises
    ------
    RefusedError
        When there are too many, or one is too long.

    >>> read_spellings("NA; -;a;;b"), read_spellings(""), read_spellings("usual"), read_spellings("usual;")
    (('NA', '-', 'a;b'), (), None, ('usual',))
    """
    if text.strip() == USUAL:
        return None
    parts = text.replace(";;", "\0").split(";")
    found = tuple(dict.fromkeys(one for part in parts if (one := part.replace("\0", ";").strip())))
    if len(found) > _MOST:
        raise RefusedError(f"At most {_MOST} spellings of one column can mean missing. Name fewer.")
    if any(len(one) > _LONGEST for one in found):
        raise RefusedError(f"A spelling of a missing value has at most {_LONGEST} characters. Shorten it.")
    return found


def write_spellings(missing: tuple[str, ...] | None) -> str:
    """Write spellings as `read_spellings` reads them.

    >>> write_spellings(("NA", "a;b")), write_spellings(None), write_spellings(("usual",))
    ('NA; a;;b', 'usual', 'usual;')
    """
    if missing is None:
        return USUAL
    text = "; ".join(one.replace(";", ";;") for one in missing)
    return f"{text};" if text == USUAL else text


def wish_again(profile: Profile, wishes: Wishes, choices: Iterable[Choice]) -> Wishes:
    """The wishes of a version with those that were chosen now.

    Raises
    ------
    RefusedError
        When a kind, a form or a spelling cannot be used.
    """
    columns = dict(wishes.columns)
    for choice in choices:
        had = columns.pop(choice.name, ColumnWish())
        wish = _wish(profile.column(choice.name), had, choice)
        if wish != ColumnWish():
            columns[choice.name] = wish
    return replace(wishes, columns=columns)


def _wish(column: Column, had: ColumnWish, choice: Choice) -> ColumnWish:
    if choice.kind and choice.kind not in KINDS:
        raise RefusedError("There is no such kind. Choose one of the list.")
    kind = had.kind if choice.kind in (None, column.kind) else str(choice.kind)
    form = had.format if choice.format is None else choice.format.strip()
    if len(form) > LONGEST_FORM:
        raise RefusedError(f"A form of dates has at most {LONGEST_FORM} characters. Shorten it.")
    missing = had.missing if choice.missing is None else read_spellings(choice.missing)
    if form and form != had.format:
        kind = _kind_of_form(column, form, kind)
    elif form and kind != had.kind and not is_form(kind, form):
        form = ""  # it belongs to the kind that the column had before
    return ColumnWish(kind=kind, format=form, missing=missing)


def _kind_of_form(column: Column, form: str, kind: str) -> str:
    """The kind that a newly chosen form asks for: that of the column where both fit."""
    for one in (kind or column.kind, "number", "date"):
        if is_form(one, form):
            return one
    raise RefusedError(f"There is no form “{form[:40]}” of numbers or dates. Choose one of the list.")


def is_form(kind: str, form: str) -> bool:
    """Whether a kind of columns can be read in a form; dates also in one that nobody listed.

    >>> is_form("date", "%d/%m/%Y"), is_form("date", "%Y, %d %b"), is_form("number", "%d/%m/%Y")
    (True, True, False)
    """
    if form in (key for key, _ in format_choices(kind)):
        return True
    return kind == "date" and any(date_forms(stored, form) for stored in ("DATE", "TIMESTAMP"))


def known_forms() -> dict[str, str]:
    """Every form that can be chosen, and how people write it."""
    return dict((*format_choices("number"), *format_choices("date")))


def label_of(form: str, kind: str = "") -> str:
    """A form as people write it; the plain one is another for each kind.

    >>> label_of("%d.%m.%Y"), label_of("plain", "number")
    ('31.12.2024 (day.month.year)', '1234.5')
    """
    return {**known_forms(), **dict(format_choices(kind))}.get(form, form)


def assign_roles(profile: Profile, roles: Mapping[str, str], choices: Iterable[Choice]) -> dict[str, str]:
    """The roles of a version with those that were chosen now; a column without a role is not in them.

    Raises
    ------
    RefusedError
        When there is no such role, two columns would have one that only one can have, or a column cannot
        tell the time.
    """
    asked = {choice.name: choice.role for choice in choices if choice.role is not None}
    if not set(asked.values()) <= {"", *ROLES}:
        raise RefusedError("There is no such role. Choose one of the list.")
    merged = {**roles, **asked}
    given = {column.name: merged[column.name] for column in profile.columns if merged.get(column.name)}
    for role, does in _SINGLE.items():
        holders = [name for name, held in given.items() if held == role]
        if len(holders) > 1:
            raise RefusedError(
                f"Only one column can {does}, and “{holders[0]}” and “{holders[1]}” have the role “{role}”. "
                "Take it from one of them."
            )
        if role == "time" and holders and profile.column(holders[0]).stored not in _ORDERED:
            raise RefusedError(
                f"“{holders[0]}” cannot tell the time: that needs dates or numbers. Change its kind first."
            )
    return given
