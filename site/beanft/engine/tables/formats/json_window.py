"""Steps through a JSON text value by value; a window of it is in memory, and numbers keep their digits."""

import json
import re
from typing import Any, TextIO

from beanft.engine.errors import EngineError
from beanft.engine.tables.formats.plain import mended
from beanft.engine.tables.wording import shown

_SPACE = re.compile(r"[ \t\r\n]*")
_TOO_DEEP = "Lists or objects are nested too deeply"
CHUNK = 1 << 18
"""Characters read at once."""
NOT_A_LIST = (
    "Write a list of objects, one for each row: [{…}, {…}], or one object on each line. "
    "With pandas: read_json, json_normalize, then to_csv."
)
"""What to do with JSON that is no table."""


class Scanner:
    """Parses objects; numbers keep their text, so that nothing is rounded."""

    def __init__(self) -> None:
        self.n_doubled = 0
        """Objects in which a name stands twice."""
        self._plain = json.JSONDecoder(
            parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=self._object
        )

    def parse(self, text: str, at: int = 0) -> tuple[Any, int]:
        """The value that begins at a place, and where it ends; ValueError when there is none."""
        try:
            return self._plain.raw_decode(text, at)
        except RecursionError as error:
            raise ValueError(_TOO_DEEP) from error

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        self.n_doubled += len(found) < len(pairs)
        return found


def parsed(text: str) -> Any:
    """Read a text as JSON, its numbers as numbers.

    Parameters
    ----------
    text : str
        The text.

    Returns
    -------
    object
        The value, or None when the text is no JSON.

    Examples
    --------
    >>> parsed('{"a": [1, 2.50]}'), parsed("oops")
    ({'a': [1, 2.5]}, None)
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


class Window:
    """A piece of the text that moves on through the file."""

    def __init__(self, file: TextIO, longest: int) -> None:
        self._file, self._longest = file, longest
        self._text, self._at = "", 0
        self._n_lines = 0
        self._ended = False

    def take(self, sign: str) -> bool:
        """Step over a sign when it comes next."""
        if self.at_end() or self._text[self._at] != sign:
            return False
        self._at += 1
        return True

    def at_end(self) -> bool:
        """Step over blanks; whether nothing follows."""
        while True:
            match = _SPACE.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text):
                return False
            if not self._more(CHUNK):
                return True

    def value(self, scanner: Scanner, *, is_alone: bool) -> tuple[Any, str]:
        """Step over one value and give it with its text; a part of one makes the window grow."""
        if self.at_end():
            raise self.error("The file ends inside the list")
        size = CHUNK
        while True:
            try:
                value, end = scanner.parse(self._text, self._at)
                if end < len(self._text) or self._ended:
                    text, self._at = self._text[self._at : end], end
                    return value, text
            except ValueError as error:
                is_long = len(self._text) - self._at > self._longest
                if is_long and is_alone:
                    raise EngineError(
                        f"The file is one large JSON object, not a table. {NOT_A_LIST}"
                    ) from error
                if self._ended or is_long:
                    what = _TOO_DEEP if str(error) == _TOO_DEEP else self._what()
                    raise self.error(what, getattr(error, "pos", self._at)) from error
            self._more(size)
            size *= 2

    def holds_value(self, scanner: Scanner) -> bool:
        """Whether a whole value comes next, in a text that is cut."""
        while self._more(CHUNK):
            continue
        try:
            return not self.at_end() and bool(scanner.parse(self._text, self._at))
        except ValueError:
            return False

    def _what(self) -> str:
        if self._ended:
            return "This is no JSON, or the file is not whole"
        return f"This is no JSON, or an object longer than {self._longest >> 20} MB"

    def _more(self, size: int) -> bool:
        chunk = self._file.read(size)
        self._ended = not chunk
        self._n_lines += self._text.count("\n", 0, self._at)
        self._text, self._at = self._text[self._at :] + chunk, 0
        return bool(chunk)

    def error(self, what: str, at: int = -1) -> EngineError:
        """The sentence about a place, by default the one reached."""
        place = self._at if at < 0 else at
        line = self._n_lines + self._text.count("\n", 0, place) + 1
        text = mended(self._text[max(place - 20, 0) : place + 40])
        near = f"near {shown(text, 60)}" if text.strip() else "at its end"
        return EngineError(f"{what}: line {line:,}, {near}. Correct it and upload the file again.")
