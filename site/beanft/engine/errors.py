"""The one error of the engine, a message fit to show a user, and its kind that passes by itself."""


class EngineError(Exception):
    """Something in the user's data or choices cannot be done.

    The message is one or two plain sentences that name what is wrong, where (line, row, column) and
    what to do. It is shown as it is, so it must never hold a path or the name of a function.
    """


class BusyError(EngineError):
    """What was asked is right, but too much else is being done: the same question can be asked again."""
