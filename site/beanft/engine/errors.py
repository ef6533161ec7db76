"""The one error of the engine: a message fit to show a user."""


class EngineError(Exception):
    """Something in the user's data or choices cannot be done.

    The message is one or two plain sentences that name what is wrong, where (line, row, column) and
    what to do. It is shown as it is, so it must never hold a path or the name of a function.
    """
