"""The one error of the engine, a message fit to show a user, and its kind that passes by itself."""

from typing import Literal

Remedy = Literal[
    "set-aside", "replace-bytes", "windows-1252", "choose-encoding", "unseen", "count-missing", "other-table"
]
"""What a page can offer after a refusal: set aside the rows that are no rows; replace the bytes of no
character; read the text as Windows-1252; choose the encoding by a sample; read without a look beforehand;
have cells that cannot be read count as missing; nothing but another table."""


class EngineError(Exception):
    """Something in the user's data or choices cannot be done.

    The message is one or two plain sentences that name what is wrong, where (line, row, column) and
    what to do. It is shown as it is, so it must never hold a path or the name of a function.

    Parameters
    ----------
    *arguments : object
        The message.
    remedies : tuple of Remedy
        Which of the ways out that its message names can be offered as a button: pages never search the
        message for them, for it may quote any words of the file.
    unaided : str
        The message for where a file is read in one way only, so that none of them can be offered; without
        it, `unaided` is the message itself.
    """

    def __init__(self, *arguments: object, remedies: tuple[Remedy, ...] = (), unaided: str = "") -> None:
        super().__init__(*arguments)
        self.remedies = remedies
        self.unaided = unaided or str(self)


class BusyError(EngineError):
    """What was asked is right, but too much else is being done: the same question can be asked again."""
