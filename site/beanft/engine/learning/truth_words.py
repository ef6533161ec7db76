"""The owner's words for true and false, in place of those that the table is stored with."""

from collections.abc import Mapping, Sequence
from typing import Any

from beanft.engine.tables.columns import Profile

_PLACE = {"false": 0, "true": 1}


def truth_words(profile: Profile) -> dict[str, tuple[str, ...]]:
    """Give the words for false and true of each column that has its own.

    Parameters
    ----------
    profile : Profile
        The profile of the table.

    Returns
    -------
    dict of str to tuple of str
        Column to (false, true).
    """
    return {column.name: column.labels for column in profile.columns if column.labels}


def in_owner_words(value: Any, words: Sequence[str] | None) -> Any:
    """Write true or false as the owner does; other values stay.

    Parameters
    ----------
    value : Any
        A cell; truth values as the texts true and false.
    words : sequence of str or None
        The words for false and true; None where the column has none.

    Returns
    -------
    Any
        The word, or the value.

    Examples
    --------
    >>> in_owner_words("true", ("no", "yes")), in_owner_words("true", None), in_owner_words(3, ("no", "yes"))
    ('yes', 'true', 3)
    """
    place = _PLACE.get(value.lower()) if words and isinstance(value, str) else None
    return value if place is None or words is None else words[place]


def in_stored_words(text: str, words: Sequence[str] | None) -> str:
    """Read the owner's word for true or false; what is none of both stays.

    Parameters
    ----------
    text : str
        What was typed or chosen.
    words : sequence of str or None
        The words for false and true.

    Returns
    -------
    str
        true, false or the text.

    Examples
    --------
    >>> in_stored_words("yes", ("no", "yes")), in_stored_words("maybe", ("no", "yes"))
    ('true', 'maybe')
    """
    spelled: Mapping[str, str] = dict(zip(words or (), _PLACE, strict=False))
    return spelled.get(text, text)
