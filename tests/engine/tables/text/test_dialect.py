"""What divides a text, where its table starts, and what its columns are called."""

import pytest

from beanft.engine.errors import EngineError
from beanft.engine.tables.text.dialect import Dialect, find_dialect
from beanft.engine.tables.text.division import Division
from beanft.engine.tables.wishes import Wishes


def dialect_of(text: str, **wishes) -> Dialect:
    return find_dialect(text.splitlines(keepends=True), max_columns=100, wishes=Wishes(**wishes))


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("when\n2024-01-01 10:00:00\n2024-01-02 11:00:00\n", ","),
        ("population\n1 234 567\n2 345 678\n", ","),
        ("name\nAnna Smith\nBob Jones\n", ","),
        ("time,temp\n10:00:00,5\n11:00:00,6\n", ","),
        ("a~b\n1~x\n2~y\n", "~"),
        ("note\nSmith, John\nsome words\nother words\n", ";"),
        ("x y\n1 2\n3 4\n", " "),
    ],
)
def test_the_delimiter_is_found_where_the_evidence_is_clear(text, delimiter):
    assert dialect_of(text).delimiter == delimiter


def test_quotes_and_escapes_are_found_and_say_whether_duckdb_reads_them():
    plain = dialect_of('a,b\n1,"x, ""y"""\n2,z\n')
    assert (plain.quote, plain.escape, plain.is_plain) == ('"', '"', True)
    slashed = dialect_of('a,b\n1,"x, \\"y\\""\n2,z\n')
    assert (slashed.quote, slashed.escape, slashed.is_plain) == ('"', "\\", False)
    single = dialect_of("a,b\n1,'x, y'\n2,'z'\n")
    assert (single.quote, single.escape, single.is_plain) == ("'", "'", True)
    assert not dialect_of("x  y\n1  2\n30 4\n").is_plain


def test_apostrophes_are_no_quotes():
    found = dialect_of("name,city\nO'Brien,'s-Hertogenbosch\nAnna,Ulm\n")
    assert found.quote == '"'


def test_wishes_win():
    found = dialect_of("x;y,z\n1;2,3\n", delimiter=",", header="no", quote="none")
    assert (found.delimiter, found.quote, found.escape, found.names) == (
        ",",
        "",
        "",
        ("column 1", "column 2"),
    )
    assert (found.skipped, found.n_titles) == (0, 0)


def test_lines_before_the_table_are_counted():
    found = dialect_of("Report\n\n# by me\na,b\n1,2\n3,4\n")
    assert (found.n_titles, found.skipped, found.names) == (3, 4, ("a", "b"))
    found = dialect_of("Report,2024\nx,y\n1,2\n", skip=1)
    assert (found.n_titles, found.skipped, found.names) == (1, 2, ("x", "y"))
    assert found.notes == ("1 line before the table left out: “Report,2024”.",)


def test_a_name_of_one_letter_is_no_truth():
    assert dialect_of("x,y\n1,2\n3,4\n").has_header


@pytest.mark.parametrize(
    ("text", "delimiter", "names"),
    [
        ("sep=;\na;b\n1,5;2\n", ";", ("a", "b")),
        ('"sep=,"\r\na;1,b\r\n1,2\r\n', ",", ("a;1", "b")),
        ("SEP=\t\na\tb\n1\t2\n", "\t", ("a", "b")),
    ],
)
def test_the_delimiter_that_the_first_line_gives_for_excel_is_taken(text, delimiter, names):
    found = dialect_of(text)
    assert (found.delimiter, found.names, found.n_titles, found.skipped) == (delimiter, names, 1, 2)
    assert found.notes[0].endswith("only names the delimiter for Excel and was left out.")
    assert len(found.notes) == 1
    again = dialect_of(text, skip=1)
    assert again == found
    assert dialect_of(text, delimiter="|").delimiter == "|"


def test_a_line_for_excel_alone_is_no_table():
    with pytest.raises(EngineError, match="holds only a line that names the delimiter"):
        dialect_of("sep=;\n\n")


def test_titles_may_follow_the_line_for_excel():
    found = dialect_of("sep=;\nReport\na;b\n1;2\n3;4\n")
    assert (found.n_titles, found.skipped, found.names) == (2, 3, ("a", "b"))
    assert found.notes[1:] == ("1 line before the table left out: “Report”.",)


@pytest.mark.parametrize(
    ("text", "line"), [('"' * 1_000_001 + "\n", 1), ('"a,b\n1,2\n', 1), ('sep=,\n\n"a,b\n1,2\n', 3)]
)
def test_a_header_whose_quote_is_never_closed_is_named(text, line):
    with pytest.raises(EngineError, match=f"The quote that opens on line {line} is never closed: "):
        dialect_of(text)


@pytest.mark.parametrize("begin", ['"' * 20_001, '"a' + '""b' * 20_000, "'\"" * 20_000, ' "a "b' * 20_000])
def test_quotes_that_enclose_nothing_are_passed_over_at_once(begin):
    """From each of them a cell was looked for up to the end of the line: a minute for one of 100 kB."""
    (row,) = Division(delimiter=" ").reader([f"{begin} x y\n"], strict=False)
    assert row


COMMENTS = "".join(f"# comment {n}, with a comma\n" for n in range(25))


@pytest.mark.parametrize(
    ("text", "delimiter", "names", "n_titles"),
    [
        (f"{COMMENTS}a;b;c\n1;2;3\n4;5;6\n", ";", ("a", "b", "c"), 25),
        (f"{COMMENTS}a,b\n1,2\n3,4\n", ",", ("a", "b"), 25),
        (f"{COMMENTS}\n#\na,b\n1,x\n3,y\n", ",", ("a", "b"), 27),
        (f"{COMMENTS}# a;b;c\n1;2;3\n", ";", ("# a", "b", "c"), 25),
        (f"{COMMENTS}# a \"quote\n# don't\na\tb\n1\t2\n3\t4\n", "\t", ("a", "b"), 27),
        (f"{COMMENTS}value\n1\n2\n3\n", ",", ("value",), 25),
        (
            "# wavelength flux err\n3637.00 0.3 0.01\n3637.80 0.4 0.02\n",
            " ",
            ("wavelength", "flux", "err"),
            0,
        ),
        ("# nm erg none\nlambda flux\n3637.39 0.314\n3638.2 0.717\n", " ", ("lambda", "flux"), 1),
    ],
)
def test_comments_above_the_table_decide_nothing(text, delimiter, names, n_titles):
    found = dialect_of(text)
    assert (found.delimiter, found.names, found.n_titles) == (delimiter, names, n_titles)
    assert found.skipped == n_titles + 1
    told = [note for note in found.notes if "before the table left out: “# " in note]
    assert len(told) == (1 if n_titles else 0)


def test_comments_above_a_table_without_header_are_left_out():
    found = dialect_of(COMMENTS + "1;2;3\n4;5;6\n")
    assert (found.names[0], found.n_titles, found.skipped) == ("column 1", 25, 25)
    assert found.notes[0].startswith("25 lines before the table left out: “# comment 0, with a comma”, ")


@pytest.mark.parametrize(
    ("text", "names", "n_titles"),
    [
        ("#,name\n1,Anna\n2,Bob\n", ("#", "name"), 0),
        ("#name,score\nAnna,5\nBob,6\n", ("#name", "score"), 0),
        ("#name,score\nAnna,unknown\nBob,6\nCarl,7\nDora,8\nEva,9\n", ("#name", "score"), 0),
        ("#a b\n1 2\n", ("#a", "b"), 0),
        ("#ff0000,red\n#00ff00,green\nblue,x\nwhite,y\n", None, 0),
        ("#love\n#cat\nplain\nwords\n", None, 0),
        ("#a,b\n#c,d\n", None, 0),
    ],
)
def test_rows_that_begin_as_comments_do_are_kept(text, names, n_titles):
    found = dialect_of(text)
    assert found.n_titles == n_titles
    assert found.skipped <= 1
    assert names in (None, found.names)


def test_a_comment_above_an_empty_cell_is_no_table():
    with pytest.raises(EngineError, match="but no rows"):
        dialect_of('#a\n""\n')


def test_who_says_how_many_lines_to_skip_is_believed_about_comments():
    found = dialect_of("# a,b,c\nx,y\n1,2\n", skip=0)
    assert (found.n_titles, found.names) == (0, ("# a", "b", "c"))


ALIGNED = "".join(f" {2000 + n}  {n:2}  {n / 7:7.2f}\n" for n in range(1, 13))


@pytest.mark.parametrize(
    ("text", "names", "n_titles"),
    [
        ("Station Alamosa\n" + ALIGNED, ("column 1", "column 2", "column 3"), 1),
        (" Alamosa\n   37.70  105.92 2317 m version 1\n" + ALIGNED, ("column 1", "column 2", "column 3"), 2),
        ("Station Alamosa\n year  month  t\n" + ALIGNED, ("year", "month", "t"), 1),
        (
            "      mpg  cyl\nMazda  21    6\nFiat   32    4\nFord   30    4\n",
            ("column 1", "mpg", "cyl"),
            0,
        ),
    ],
)
def test_titles_may_stand_above_a_table_aligned_by_blanks(text, names, n_titles):
    found = dialect_of(text)
    assert (found.delimiter, found.names, found.n_titles) == (" ", names, n_titles)
    assert len(found.notes) >= 1


@pytest.mark.parametrize(
    "text",
    [
        "size\n10 kg\n20 kg\n30 kg\n",
        "room\nroom 5\nroom 6\nroom 7\n",
        "population\n1 234 567\n2 345 678\n3 345 678\n",
        "when\n12 Jan 2020\n13 Jan 2020\n14 Jan 2020\n",
        "name\nAnna Maria Smith\nBob James Jones\nCarl Emil Miller\n",
        "when\n2024-01-01 10:00:00\n2024-01-02 11:00:00\n2024-01-03 11:00:00\n",
        "phone\n0049 221 12345\n0049 30 23456\n0049 89 34567\n",
        "iban\nDE12 3456 7890\nDE12 3456 7891\nDE12 3456 7892\n",
        'address\n"Ring 5, 50667 Köln, DE"\n"Ring 6, 50667 Köln, DE"\n"Ring 7, 50667 Köln, DE"\n',
        "note\nIt rained.  It was cold.\nThe sun shone.\nIt snowed.\n",
    ],
)
def test_texts_with_blanks_stay_one_column_without_a_word(text):
    found = dialect_of(text)
    assert (len(found.names), found.notes) == (1, ())


@pytest.mark.parametrize(
    ("text", "wishes", "parts"),
    [
        ("Alamosa\n2016 1 5.5\n2017 2 6.5\n2018 3 7.5\n", {}, "3 parts between blanks, such as “2016 1 5.5”"),
        ("Who\nAnna  likes tea  Ulm\nBob  likes  Bonn\nCid  hates  Köln\n", {}, "3 parts between wide gaps"),
        ("a;b;c\n1;2;3\n4;5;6\n7;8;9\n", {"delimiter": ","}, "3 parts between semicolons"),
        ("a|b|c\n1|2|3\n4|5|6\n7|8|9\n", {"delimiter": ","}, "3 parts between bars"),
    ],
)
def test_a_single_column_that_looks_like_several_is_told(text, wishes, parts):
    found = dialect_of(text, **wishes)
    assert len(found.names) == 1
    (note,) = found.notes
    assert note.startswith("The file was read as one column, but ")
    assert parts in note
