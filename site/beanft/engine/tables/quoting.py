"""Writes names and texts into SQL; nothing here needs the engine that runs it."""


def quote(name: str) -> str:
    """Write a column name as an SQL identifier.

    Parameters
    ----------
    name : str
        Any name without NUL.

    Returns
    -------
    str
        The name in double quotes, quotes inside doubled.

    Examples
    --------
    >>> quote('a"; drop table x--')
    '"a""; drop table x--"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Write a text as an SQL literal, for the few places where no parameter can be bound.

    Parameters
    ----------
    text : str
        Any text without NUL.

    Returns
    -------
    str
        The text in single quotes, quotes inside doubled.

    Examples
    --------
    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"
