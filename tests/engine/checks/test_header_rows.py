"""Further rows of a header are one finding of the table, not one of every column."""

from pathlib import Path

import pytest

from beanft.engine.findings import Finding
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.read import ingest

FANS = [f"Team {n},{100 + n * 7 % 31},{n % 7},{n * 3 % 11},{20 + n}%" for n in range(40)]
LONG = [f"no {n},{n * 7 % 100},{n * 13 % 90}.5" for n in range(300)]


def findings(folder: Path, lines: list[str], **wishes) -> list[Finding]:
    source = folder / "upload.csv"
    source.write_text("\n".join(lines))
    target = str(folder / "out.parquet")
    read = ingest(source=str(source), target=target, original_name=source.name, wishes=wishes)
    odd = ("header-rows", "almost-kind", "unreadable-cells")
    return [one for one in Profile.from_dict(read["profile"]).findings if one.code in odd]


def test_names_below_those_of_groups(tmp_path):
    """The fans of football teams, by fivethirtyeight: 24 warnings of one line."""
    header = [",,Democrat,,Share", "Team,Tot. Respondents,Asian,Black,GOP%"]
    (finding,) = findings(tmp_path, [*header, *FANS])
    assert finding.sentence == (
        "Line 2 looks like a further row of the header: there, 4 columns have words that do not fit "
        "the cells below, such as “Tot. Respondents”, “Asian”, “Black”. 4 columns were kept as "
        "text for that alone."
    )
    assert finding.remedy == (
        "Read the file again with 1 line to skip at the top: line 2 then gives the names."
    )
    assert (finding.code, finding.severity, finding.figure) == ("header-rows", "warning", 1)
    assert not findings(tmp_path, [*header, *FANS], skip=1)


def test_types_below_names(tmp_path):
    """Tables of the U.S. Geological Survey have a row of types."""
    (finding,) = findings(tmp_path, ["site,flow,height,code,share", "15s,20d,14n,5s,6s", *FANS])
    assert finding.remedy == "Remove line 2 from the file and upload it again."


def test_three_rows_whose_cells_became_missing(tmp_path):
    """The districts of Hamburg: groups, names, and what the names mean."""
    (finding,) = findings(tmp_path, ["Report", "no,People,", "no,Old,Young", ",Those > 64,Those < 18", *LONG])
    assert finding.sentence == (
        "Lines 3 and 4 look like further rows of the header: there, 2 columns have words that do not fit "
        "the cells below, such as “Old”, “Those > 64”, “Young”. In 2 columns these cells became missing."
    )
    assert finding.remedy == (
        "Remove line 4 from the file, upload it again and read it with 2 lines to skip at the top: "
        "line 3 then gives the names."
    )


def test_a_column_with_other_odd_cells_is_still_named(tmp_path):
    lines = [",,Democrat,,Share", "Team,Tot. Respondents,Asian,Black,GOP%", *FANS, "Team 41,about 7,3,2,1%"]
    assert [one.code for one in findings(tmp_path, lines)] == ["header-rows", "almost-kind"]


@pytest.mark.parametrize(
    "row",
    [
        "Team x,unknown,unknown,unknown,unknown",
        "Team x,unknown,n.b.,4,17%",
        "Team x,unknown,3,4,17%",
        "Team x,<5,>7,<1,<2",
    ],
)
def test_a_first_row_with_odd_cells_is_no_header(tmp_path, row):
    found = findings(tmp_path, ["team,fans,asian,black,gop", row, *FANS])
    assert {one.code for one in found} == {"almost-kind"}


def test_odd_cells_further_down_are_no_header(tmp_path):
    lines = ["team,fans,asian,black,gop", *FANS[:3], "Team x,many,few,some,none", *FANS[3:]]
    assert "header-rows" not in {one.code for one in findings(tmp_path, lines)}


def test_a_file_without_header_has_no_further_rows_of_it(tmp_path):
    lines = [FANS[0], "Team,Respondents,Asian,Black,GOP%", *FANS[1:]]
    assert "header-rows" not in {one.code for one in findings(tmp_path, lines, header="no")}
