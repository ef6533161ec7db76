"""Ranks the encodings that a text may have by how much what they make of its bytes looks like language."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from beanft.engine.tables.text.alphabets import ENCODINGS_OF, LETTERS, likeness

ENCODINGS: dict[str, str] = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with a mark",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16, low byte first",
    "utf-16-be": "UTF-16, high byte first",
    "utf-32": "UTF-32",
    "utf-32-le": "UTF-32, low byte first",
    "utf-32-be": "UTF-32, high byte first",
    "cp1252": "Windows-1252 (Western Europe)",
    "cp1250": "Windows-1250 (Central Europe)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1257": "Windows-1257 (Baltic)",
    "iso8859-1": "ISO-8859-1 (Western Europe)",
    "iso8859-2": "ISO-8859-2 (Central Europe)",
    "iso8859-5": "ISO-8859-5 (Cyrillic)",
    "iso8859-7": "ISO-8859-7 (Greek)",
    "iso8859-9": "ISO-8859-9 (Turkish)",
    "iso8859-15": "ISO-8859-15 (Western Europe)",
    "mac-roman": "Mac Roman",
    "koi8-r": "KOI8-R (Russian)",
    "koi8-u": "KOI8-U (Ukrainian)",
    "cp437": "DOS 437 (United States)",
    "cp850": "DOS 850 (Western Europe)",
    "cp852": "DOS 852 (Central Europe)",
    "cp866": "DOS 866 (Cyrillic)",
    "cp932": "Shift-JIS (Japanese)",
    "euc-jp": "EUC-JP (Japanese)",
    "gb18030": "GB18030 (Chinese, simplified)",
    "big5": "Big5 (Chinese, traditional)",
    "euc-kr": "EUC-KR (Korean)",
    "cp949": "Windows-949 (Korean)",
}
"""The encodings that can be read: Python's name and the name that people know."""

CUT_BYTES = 4096
"""Length at which a sample may end within a character."""

_CLEAR = 0.8  # likeness from which an encoding is believed
_LEAD = 0.025  # by which it must lead the next that reads otherwise
_FEW_BYTES = 20
_VERY_CLEAR = 0.9
_GREAT_LEAD = 0.15
_WESTERN = ("cp1252", "iso8859-1", "iso8859-15")
_RARE = ("mac-roman", "koi8-u", "iso8859-5", "cp850", "cp437", "cp852", "cp866")
_SHOWN = 200  # characters of a line
_LINES = 100  # of which one is shown
_LEAD_IN = 4  # a quarter of what is shown stands before the place that tells
_HANDFUL = 4  # with fewer bytes beyond ASCII none of the rare ones is believed
_HARD_BLANK = b"\xa0"
_ASCII = bytes(range(128))


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One encoding that a text may have."""

    encoding: str
    """Python's name."""
    label: str
    """The name that people know."""
    sample_line: str
    """The line of the file that tells most, as this encoding reads it: about 200 characters of it."""
    score: float = 0.0
    """How much it looks like language, from 0 to 1."""
    is_clear: bool = False
    """Whether it leads the others by so much that nobody need be asked."""

    @property
    def is_western(self) -> bool:
        """Whether the encoding is a usual one of Western Europe, where single odd bytes are no surprise."""
        return self.encoding in _WESTERN


def ranked(sample: bytes, n: int) -> tuple[Candidate, ...]:
    """Rank the encodings of a sample.

    Parameters
    ----------
    sample : bytes
        Lines that hold bytes beyond ASCII.
    n : int
        Most candidates.

    Returns
    -------
    tuple of Candidate
        The likeliest first, no two that read the sample alike.

    Examples
    --------
    >>> ranked("Müller, Größe\\n".encode("cp1252"), 1)[0].label
    'Windows-1252 (Western Europe)'
    """
    alike: dict[str, tuple[float, str]] = {}
    for score, encoding, text in _scored(sample):
        best, usual = alike.get(text, (0.0, encoding))
        alike[text] = max(best, score), usual  # of encodings that read alike, the most usual one is named
    chosen = sorted(((*one, text) for text, one in alike.items()), key=lambda one: -one[0])
    is_rare = bool(chosen) and chosen[0][1] in _RARE
    n_bytes = sum(byte > 127 for byte in sample[:CUT_BYTES])
    is_clear = _is_clear([score for score, _, _ in chosen], n_bytes, is_rare=is_rare)
    lines = _telling_lines([text for _, _, text in chosen[:n]])
    return tuple(
        Candidate(
            encoding=encoding,
            label=ENCODINGS[encoding],
            sample_line=line,
            score=round(score, 3),
            is_clear=is_clear and number == 0,
        )
        for number, ((score, encoding, _), line) in enumerate(zip(chosen, lines, strict=False))
    )


def windows(lines: Sequence[str], length: int) -> list[str]:
    """Cut long lines, which are one line as several encodings read it, to the piece in which they differ.

    Parameters
    ----------
    lines : sequence of str
        The line as each reads it.
    length : int
        Characters kept of each.

    Returns
    -------
    list of str
        The pieces around the first place where they differ, or of a single line around its first sign
        beyond ASCII; what is cut off is “…”.

    Examples
    --------
    >>> windows(["name,note,Müller", "name,note,M³ller"], 8)
    ['…e,Müller', '…e,M³ller']
    """
    several = len(lines) > 1
    signs = enumerate(zip(*lines, strict=False))
    place = next((at for at, (one, *more) in signs if (set(more) - {one} if several else one > "\x7f")), 0)
    longest = max(map(len, lines), default=0)
    start = max(0, min(place - length // _LEAD_IN, longest - length))
    return [_piece(line, start, length) for line in lines]


def _piece(line: str, start: int, length: int) -> str:
    before, after = "…" * (start > 0), "…" * (len(line) > start + length)
    return before + line[start : start + length].strip() + after


def _is_clear(scores: Sequence[float], n_bytes: int, *, is_rare: bool) -> bool:
    """Whether the first so leads the others that it is believed; little evidence must be stronger."""
    best, second, *_ = (*scores, 0.0, 0.0)
    if is_rare and (n_bytes < _HANDFUL or (n_bytes < _FEW_BYTES and best < _VERY_CLEAR)):
        return False
    if n_bytes < _FEW_BYTES and best < _VERY_CLEAR and best - second < _GREAT_LEAD:
        return False
    return best >= _CLEAR and best - second >= _LEAD


def _scored(sample: bytes) -> Iterator[tuple[float, str, str]]:
    """Encodings that decode the sample: how alike to language, name, text; the usual ones first."""
    utf8 = _decoded(sample, "utf-8")
    if utf8:
        yield 1.0, "utf-8", utf8
    is_blank = set(sample.translate(None, _ASCII)) == set(_HARD_BLANK)  # among figures a letter by no means
    for encoding, languages in ENCODINGS_OF.items():
        text = _decoded(sample, encoding)
        if text and encoding == "cp1252" and is_blank:
            yield 1.0, encoding, text
        elif text:
            score = max(likeness(text, LETTERS[language]) for language in languages)
            yield score / 2 if is_blank else score, encoding, text


def _decoded(sample: bytes, encoding: str) -> str:
    """The sample as text; it may end within a character; "" when it is not of the encoding."""
    try:
        return sample.decode(encoding)
    except UnicodeDecodeError as error:
        cut = error.start
    was_cut = len(sample) >= CUT_BYTES and cut >= len(sample) - 4
    return sample[:cut].decode(encoding) if was_cut else ""


def _telling_lines(texts: Sequence[str]) -> list[str]:
    """One line as each reads it: of the first hundred the one that most read otherwise, with most signs."""
    split = [text.split("\n")[:_LINES] for text in texts]  # other ends of lines may be letters of another

    def telling(at: int) -> tuple[int, int]:
        read = [lines[at] for lines in split]
        return len(set(read)), len({sign for sign in read[0] if sign > "\x7f"})

    best = max(range(min(map(len, split), default=0)), key=telling, default=0)
    return windows([_flat(lines[best]) for lines in split], _SHOWN)


def _flat(line: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in line).strip()
