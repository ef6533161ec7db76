"""An answer in the owner's words for true and false, wherever it holds values of columns."""

from collections.abc import Mapping, Sequence
from typing import Any

from beanft.engine.learning.truth_words import in_owner_words

Words = Mapping[str, Sequence[str]]


def in_owner_words_all(answer: Any, words: Words) -> Any:
    """Write true and false in an answer as the owner does.

    Parameters
    ----------
    answer : Any
        Plain JSON of an explanation: cells under “values”, steps with “from” and “to”, grids with “labels”.
    words : mapping of str to sequence of str
        Column to its words for false and true.

    Returns
    -------
    Any
        The same with other words.

    Examples
    --------
    >>> in_owner_words_all({"values": {"paid": "true", "age": 3}}, {"paid": ("no", "yes")})
    {'values': {'paid': 'yes', 'age': 3}}
    """
    if isinstance(answer, list):
        return [in_owner_words_all(one, words) for one in answer]
    if not isinstance(answer, Mapping) or not words:
        return answer
    of_column = words.get(answer.get("column", "")) if isinstance(answer.get("column", ""), str) else None
    return {name: _part(name, value, of_column, words) for name, value in answer.items()}


def _part(name: str, value: Any, of_column: Sequence[str] | None, words: Words) -> Any:
    if name == "values" and isinstance(value, Mapping):
        return {column: in_owner_words(cell, words.get(column)) for column, cell in value.items()}
    if name == "labels" and of_column:
        return [in_owner_words(label, of_column) for label in value]
    if name in ("from", "to"):
        return in_owner_words(value, of_column)
    return in_owner_words_all(value, words)
