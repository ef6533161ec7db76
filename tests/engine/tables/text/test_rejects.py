"""The slow exact reader: strict rows out of unclean ones, and the file of what is no row."""

import csv

import pytest

from beanft.engine.errors import EngineError
from beanft.engine.tables.text.dialect import find_dialect
from beanft.engine.tables.text.encoding import examine
from beanft.engine.tables.text.records import line_numbers
from beanft.engine.tables.text.rejects import Cleaned, write_clean
from beanft.engine.tables.wishes import Wishes

ASIDE = Wishes(bad_rows="aside")


def clean(folder, content: str, wishes: Wishes = ASIDE) -> tuple[Cleaned, list[list[str]], list[list[str]]]:
    (folder / "t.csv").write_text(content, encoding="utf-8", newline="")
    text = examine(folder / "t.csv")
    dialect = find_dialect(text.lines(), max_columns=100, wishes=wishes)
    done = write_clean(text, dialect, folder / "clean", folder / "rejects.csv", wishes=wishes, max_line_mb=1)
    with (folder / "clean").open(newline="") as file:
        rows = list(csv.reader(file, strict=True))
    if not (folder / "rejects.csv").exists():
        return done, rows, []
    with (folder / "rejects.csv").open(newline="") as file:
        return done, rows, list(csv.reader(file, strict=True))[1:]


def test_clean_rows_keep_every_sign(tmp_path):
    done, rows, aside = clean(tmp_path, 'a,b\r\n1,"x\r\ny\rz\n"\r\n2,"say ""hi"""\r\n')
    assert rows == [["1", "x\r\ny\rz\n"], ["2", 'say "hi"']]
    assert (done.n_rows, done.n_rejected, done.notes, aside) == (2, 0, (), [])


def test_an_open_quote_costs_one_line_only(tmp_path):
    lines = [f"{n},x{n}" for n in range(3000)]
    lines[7] = '7,"never closed'
    done, rows, aside = clean(tmp_path, "a,b\n" + "\n".join(lines) + "\n")
    assert aside == [["9", "a quote is opened and never closed", '7,"never closed']]
    assert [row[0] for row in rows] == [str(n) for n in range(3000) if n != 7]
    assert done.n_rows == 2999


def test_a_quote_that_closes_by_accident_swallows_nothing(tmp_path):
    done, rows, aside = clean(tmp_path, 'a,b,c\n1,2,3\n2,"x,4\n3,4,5\n4,5,6\n5,y",6,7\n6,7,8\n')
    assert aside == [
        ["3", "a quote is opened and never closed", '2,"x,4'],
        ["6", "4 cells instead of 3", '5,y",6,7'],
    ]
    assert [row[0] for row in rows] == ["1", "3", "4", "6"]
    assert done.n_rejected == 2


def test_a_true_cell_of_many_lines_is_one_row_also_when_ragged(tmp_path):
    _, rows, aside = clean(tmp_path, 'a,b,c\n1,"two\nlines",3\n2,"three\nlines\nof text"\n4,5,6\n')
    assert rows == [["1", "two\nlines", "3"], ["4", "5", "6"]]
    assert aside == [["4", "2 cells instead of 3", '2,"three\nlines\nof text"']]


def test_rejects_are_safe_in_spreadsheets(tmp_path):
    _, _, aside = clean(tmp_path, "a,b\n1,2\n=cmd|' /C calc'!A0\n3,4\n")
    assert aside == [["3", "1 cell instead of 2", "'=cmd|' /C calc'!A0"]]


def test_a_row_longer_than_allowed(tmp_path):
    cell = "\n".join(["y" * 1000] * 1200)
    with pytest.raises(EngineError, match=r"The quote that opens on line 3 is never closed: “2,\"yyy"):
        clean(tmp_path, f'a,b\n1,x\n2,"{cell}"\n3,z\n', Wishes())
    assert not (tmp_path / "clean").exists()


def test_many_open_quotes_are_read_in_one_go(tmp_path):
    lines = [f'{n},"x{n}' if n % 3 == 0 else f"{n},y" for n in range(9000)]
    done, rows, _ = clean(tmp_path, "a,b\n" + "\n".join(lines) + "\n")
    assert done.n_rows == len(rows)
    assert {int(row[0]) % 3 for row in rows} == {1, 2}
    assert done.n_rejected == 3000


def test_lines_of_rows_are_physical(tmp_path):
    (tmp_path / "t.csv").write_text('a,b\n1,"x\ny"\n\n2,3\nbad\n4,5\n')
    text = examine(tmp_path / "t.csv")
    dialect = find_dialect(text.lines(), max_columns=10)
    assert line_numbers(text, dialect, {2, 0, 1}) == {0: 2, 1: 5, 2: 7}


def refusal(folder, content: str, wishes: Wishes = Wishes()) -> EngineError:  # noqa: B008 -- frozen
    with pytest.raises(EngineError) as refused:
        clean(folder, content, wishes)
    return refused.value


def test_where_most_rows_disagree_the_first_one_is_wrong(tmp_path):
    head = "36,0.0054,-0.0774,PV-UE125\n7.6,2.1,2.1,2.3,8.8,5.5,2.5,1.0,5.3\n3585\n"
    refused = refusal(tmp_path, head + "4.5,2.7,1.8,2.6,1\n" * 30)
    assert str(refused) == (
        "Most rows have 5 cells (30 of 33, the first of them on line 4), but the first row, which decides, "
        "has 4. If the table begins on line 4, choose to skip the 3 lines before it."
    )
    assert refused.unaided.endswith("has 4. If the table begins on line 4, remove the 3 lines before it.")
    assert refused.remedies == ()


def test_where_most_rows_disagree_with_the_header_it_needs_names(tmp_path):
    refused = refusal(tmp_path, "day,a,b\n" + "2024-01-01,1,x,1,2\n" * 3 + "2024-01-01,1,x\n")
    assert str(refused) == (
        "Most rows have 5 cells (3 of 4, the first of them on line 2), but the header (day, a, b) has 3. "
        "Give the header 5 names; a cell that holds the delimiter needs quotes around it."
    )
    refused = refusal(tmp_path, "by,me\nsince 2020\nday,a,b,c\n" + "2024-01-01,1,x,1\n" * 3, Wishes(skip=0))
    assert str(refused).startswith("Most rows have 4 cells (4 of 5, ")
    assert str(refused).endswith(
        "has 2. If the table begins on line 3, choose to skip the 2 lines before it."
    )
    assert refused.remedies == ()


def test_rows_are_not_offered_to_be_set_aside_when_few_would_be_left(tmp_path):
    refused = refusal(tmp_path, "a,b\n1,2\n" + "".join("x," * n + "1\n" for n in (2, 3, 4, 5)))
    assert str(refused).startswith("4 rows do not have the 2 cells of the header (a, b): line 3 has 3 ")
    assert refused.remedies == ()
    assert refused.unaided == str(refused)
    half = refusal(tmp_path, "a,b\n1,2\n3,4\n1,2,3\n4,5,6\n")
    assert half.remedies == ("set-aside",)


def test_who_asks_for_it_has_most_rows_set_aside(tmp_path):
    done, rows, aside = clean(tmp_path, "a,b\n1,2\n" + "1,2,3\n" * 9)
    assert (rows, done.n_rejected, len(aside)) == ([["1", "2"]], 9, 9)


def test_lines_of_delimiters_alone_are_as_blank_as_empty_ones(tmp_path):
    done, rows, aside = clean(tmp_path, 'a;b;c\n1;2;3\n;\n\n4;5;6\n""; \n7;;\n', Wishes())
    assert (rows, aside) == ([["1", "2", "3"], ["4", "5", "6"], ["7", "", ""]], [])
    assert done.notes == ("3 blank lines between rows were left out: line 3, line 4, line 6.",)


def test_a_row_of_empty_cells_as_wide_as_the_table_is_kept(tmp_path):
    _, rows, _ = clean(tmp_path, "a;b;c\n1;2;3\n;;\n4;5;6\n", Wishes())
    assert rows[1] == ["", "", ""]
