"""Writes the rows of a text that is not clean in the strictest way, and sets aside what is no row."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from beanft.engine.errors import EngineError
from beanft.engine.tables.queries.formulas import safe_text
from beanft.engine.tables.text.blanks import blank_notes
from beanft.engine.tables.text.blocks import AFTER_QUOTE, UNCLOSED, Block, Reject, blocks
from beanft.engine.tables.text.dialect import Dialect
from beanft.engine.tables.text.encoding import Text
from beanft.engine.tables.wishes import Wishes
from beanft.engine.tables.wording import counted, listed, shown

_EXAMPLES = 5
_LISTED = 3
_FEW = 3  # fewer rows than this tell nothing of the others
_LONGEST_TEXT = 200
HEADER = ("line", "reason", "text")
"""Columns of a rejects file."""


@dataclass(frozen=True, kw_only=True)
class Cleaned:
    """What became of the rows of a text."""

    n_rows: int
    """Rows written."""
    n_rejected: int
    """Rows set aside."""
    rejected: tuple[tuple[int, str, str], ...]
    """The first five of them as (physical line, what is wrong, text)."""
    notes: tuple[str, ...]
    """What was set aside or left out, with lines."""


@contextmanager
def rejects_file(path: Path) -> Iterator[Callable[[int, str, str], None]]:
    """Open a CSV of what is no row, safe to open in a spreadsheet.

    Parameters
    ----------
    path : Path
        The file; it is only there when something was written and no error came.

    Yields
    ------
    callable
        Writes one row: physical line, what is wrong, text.
    """
    path.unlink(missing_ok=True)
    with ExitStack() as stack:
        writer: Any = None

        def write(line: int, reason: str, text: str) -> None:
            nonlocal writer
            if not writer:
                file = stack.enter_context(path.open("w", encoding="utf-8", newline=""))
                writer = csv.writer(file, lineterminator="\r\n")
                writer.writerow(HEADER)
            writer.writerow((line, reason, safe_text(text.rstrip("\r\n"))))

        try:
            yield write
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def write_clean(
    text: Text,
    dialect: Dialect,
    target: Path,
    rejects: Path,
    *,
    wishes: Wishes = Wishes(),  # noqa: B008 -- frozen
    max_line_mb: int = 4,
) -> Cleaned:
    r"""Write the rows as UTF-8 with LF after each, commas between cells and double quotes around each.

    Line breaks inside cells stay as they are, so read the file with `new_line='\n'`.

    Parameters
    ----------
    text : Text
        The bytes examined.
    dialect : Dialect
        How they are divided.
    target : Path
        The strict CSV to write, without a header.
    rejects : Path
        Where rows go that are set aside; the file is only made when there are some.
    wishes : Wishes
        Its `bad_rows` decides whether rows are set aside or the text is refused.
    max_line_mb : int
        Longest row allowed, in megabytes.

    Returns
    -------
    Cleaned
        Counts, the first rejects and notes.

    Raises
    ------
    EngineError
        When some lines are no rows and may not be set aside, or none is one. Neither file is left then.
    """
    heard = Rejected(dialect, may_go=wishes.bad_rows == "aside")
    n_rows = 0
    try:
        with target.open("w", encoding="utf-8", newline="") as file, rejects_file(rejects) as set_aside:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
            for block in blocks(text, dialect, max_line_mb=max_line_mb):
                heard.take(block)
                for one in block.rejects if heard.may_go else ():
                    set_aside(one.line, one.reason, one.text)
                writer.writerows(block.rows if not heard.refuses else ())
                n_rows += len(block.rows)
            heard.judge(n_rows, max_line_mb)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return Cleaned(
        n_rows=n_rows, n_rejected=heard.n, rejected=tuple(heard.listed()), notes=tuple(heard.notes())
    )


@dataclass
class Rejected:
    """Remembers what was no row: all counts, the first of each sort."""

    dialect: Dialect
    """How the text is divided."""
    may_go: bool
    """Whether the owner said that such rows are set aside."""
    n: int = 0
    """How many there were."""
    first: list[Reject] = field(default_factory=list)
    """The first of them."""
    sorts: dict[str, tuple[int, list[Reject]]] = field(default_factory=dict)
    """By what is wrong: how many, and the first of them."""
    n_blank: int = 0
    """Blank lines with rows after them."""
    blank_lines: list[int] = field(default_factory=list)
    """The first of them."""
    widths: dict[int, tuple[int, int]] = field(default_factory=dict)
    """By the cells of rows that have the wrong number of them: how many, and the line of the first."""
    _waiting: list[int] = field(default_factory=list)
    _n_waiting: int = 0

    @property
    def refuses(self) -> bool:
        """Whether the text will be refused."""
        return bool(self.n) and not self.may_go

    def take(self, block: Block) -> None:
        """Hear of the next block."""
        for one in block.rejects:
            self.n += 1
            self._keep(self.first, one)
            if one.n_cells:
                n, line = self.widths.get(one.n_cells, (0, one.line))
                self.widths[one.n_cells] = n + 1, line
            n, examples = self.sorts.setdefault("" if one.n_cells else one.reason, (0, []))
            self._keep(examples, one)
            self.sorts["" if one.n_cells else one.reason] = (n + 1, examples)
        last = block.starts[-1] if block.rows else 0
        if last:  # blank lines at the end of a file are worth no word
            inside = [line for line in block.blanks if line < last]
            self.n_blank += self._n_waiting + len(inside)
            self.blank_lines += (self._waiting + inside)[: _LISTED - len(self.blank_lines)]
            self._waiting, self._n_waiting = [], 0
        after = [line for line in block.blanks if line > last]
        self._waiting += after[: _LISTED - len(self._waiting)]
        self._n_waiting += len(after)

    def judge(self, n_rows: int, max_line_mb: int = 4) -> None:
        """Refuse the text when it has lines that are no rows and must not go, or no rows at all.

        Raises
        ------
        EngineError
            It names the first five of each sort.
        """
        if not self.n or (self.may_go and n_rows):
            return
        found, unaided = self._found(n_rows, max_line_mb), self._found(n_rows, max_line_mb, is_aided=False)
        if self._usual(n_rows):
            raise EngineError(found, unaided=unaided)
        if not n_rows:
            raise EngineError(f"{found} No other row is left.")
        if self._n_ragged > n_rows:
            raise EngineError(found)  # few rows would be left
        these = "this row" if self.n == 1 else "these rows"
        raise EngineError(
            f"{found} Or read the file again with {these} set aside.",
            remedies=("set-aside",),
            unaided=found,
        )

    def listed(self) -> Iterator[tuple[int, str, str]]:
        """The first five as plain values."""
        for one in self.first:
            yield one.line, one.reason, one.text.rstrip("\r\n")[:_LONGEST_TEXT]

    def notes(self) -> Iterator[str]:
        """What was set aside or left out."""
        if self.n:
            verb = "was" if self.n == 1 else "were"
            where = [f"line {one.line:,} ({one.reason})" for one in self.first]
            yield f"{counted(self.n, 'row')} {verb} set aside into the rejects file: {_cut(where, self.n)}."
        yield from blank_notes(self.n_blank, self.blank_lines, n_columns=len(self.dialect.names))

    @staticmethod
    def _keep(examples: list[Reject], one: Reject) -> None:
        if len(examples) < _EXAMPLES:
            examples.append(one._replace(text=one.text[: 2 * _LONGEST_TEXT]))

    @property
    def _n_ragged(self) -> int:
        return sum(n for n, _ in self.widths.values())

    def _usual(self, n_rows: int) -> int:
        """The cells that most rows have, where it is not those of the first row; else 0."""
        n_cells = max(self.widths, key=lambda width: self.widths[width][0], default=0)
        n, _ = self.widths.get(n_cells, (0, 0))
        return n_cells if n >= _FEW and 2 * n > n_rows + self._n_ragged else 0

    def _found(self, n_rows: int, max_line_mb: int, *, is_aided: bool = True) -> str:
        """Tell everything that is wrong, by the line on which it is met first."""
        first = sorted(self.sorts, key=lambda reason: self.sorts[reason][1][0].line)
        usual = self._usual(n_rows)
        sentences = [
            self._unusual_sentence(usual, n_rows, is_aided=is_aided)
            if usual and not reason
            else self._sentence(reason, max_line_mb)
            for reason in first
        ]
        return ". ".join(sentences) + "."

    def _unusual_sentence(self, usual: int, n_rows: int, *, is_aided: bool) -> str:
        """Tell that the first row has another number of cells than most."""
        n, line = self.widths[usual]
        dialect, n_all = self.dialect, n_rows + self._n_ragged
        header = f"the header ({listed(dialect.names)})"
        first = header if dialect.has_header else "the first row, which decides,"
        told = (
            f"Most rows have {counted(usual, 'cell')} ({n:,} of {n_all:,}, the first of them on "
            f"line {line:,}), but {first} has {len(dialect.names):,}. "
        )
        if dialect.has_header and line == dialect.skipped + 1:
            return (
                f"{told}Give the header {counted(usual, 'name')}; "
                "a cell that holds the delimiter needs quotes around it"
            )
        way = "choose to skip" if is_aided else "remove"
        before = counted(line - 1, "line")
        return f"{told}If the table begins on line {line:,}, {way} the {before} before it"

    def _sentence(self, reason: str, max_line_mb: int) -> str:
        n, examples = self.sorts[reason]
        if not reason:
            return _ragged_sentence(self.dialect, examples, n)
        first = examples[0]
        where = _cut([_place(one) for one in examples], n)
        if reason == UNCLOSED:
            others = _cut([_place(one) for one in examples[1:]], n - 1)
            more = f"; the same goes for {others}" if others else ""
            return (
                f"The quote that opens on line {first.line:,} is never closed: "
                f"{shown(_first_line(first))}{more}. Close or remove {'it' if n == 1 else 'them'}"
            )
        if reason == AFTER_QUOTE and n == 1:
            return (
                f"The quote that opens on line {first.line:,} is followed by more text after it closes: "
                f"{shown(_first_line(first))}. Double the quotes inside the cell, or remove them"
            )
        if reason == AFTER_QUOTE:
            return (
                f"{n:,} rows have more text after a quote that closes: {where}. "
                "Double the quotes inside the cells, or remove them"
            )
        verb = "is" if n == 1 else "are"
        return f"{counted(n, 'row')} {verb} longer than {max_line_mb} MB: {where}. Shorten their cells"


def _first_line(one: Reject) -> str:
    return one.text.splitlines()[0] if one.text.strip() else one.text


def _place(one: Reject) -> str:
    return f"line {one.line:,} ({shown(_first_line(one), 60)})"


def _cut(where: Sequence[str], n: int) -> str:
    return ", ".join(where) + (", …" if n > len(where) else "")


def _ragged_sentence(dialect: Dialect, examples: Iterable[Reject], n: int) -> str:
    width = len(dialect.names)
    where = _cut([f"line {one.line:,} has {one.n_cells:,} ({shown(one.text, 60)})" for one in examples], n)
    header = f" of the header ({listed(dialect.names)})" if dialect.has_header else " of the first row"
    verb = "does" if n == 1 else "do"
    return (
        f"{counted(n, 'row')} {verb} not have the {counted(width, 'cell')}{header}: {where}. "
        f"Give every row {counted(width, 'cell')}; a cell that holds the delimiter needs quotes around it"
    )
