"""Whether the first row holds names, and how names are made unique."""

import pytest

from beanft.engine.tables.text.header import has_header, unique_names


def table_of(text: str) -> list[list[str]]:
    return [line.split("|") for line in text.split("\n")]


@pytest.mark.parametrize(
    "text",
    [
        "team|0|1|2|3\nHawks|0.50659|0.51033|0.515|0.51631\nNets|0.5029|0.50561|0.50916|0.51488",
        "|0\n1913-01-04|0.0\n1913-02-01|825.3214285714286\n1913-03-01|759.0",
        "|0|1\na|5|7\nb|6|8\nc|6|9",
        "depth||10|20|30\nx|y|1,5|2.5|3.5\nz|y|1,5|2.5|3.5",
    ],
)
def test_whole_numbers_that_count_are_a_header(text):
    """The relative strength of fivethirtyeight's nba.tsv, and a series that pandas wrote without a name."""
    assert has_header(table_of(text))


@pytest.mark.parametrize(
    "text",
    [
        "Anna|1|2|3\nBob|4|5|6\nCarl|7|8|9",
        "Anna|10|20|30\nBob|15|22|31\nCarl|9|24|33",
        "Anna|1|3|2\nBob|1.5|2.5|3.5\nCarl|1.5|2.5|3.5",
        "1|2|3|4\n1.5|2.5|3.5|4.5\n1.5|2.5|3.5|4.5",
        "2024-01-01|1|2|3\n2024-01-02|1.5|2.5|3.5\n2024-01-03|1.5|2.5|3.5",
        "|1\na|5\nb|6\nc|7",
        "|0\na|5\n|6\nc|7",
    ],
)
def test_numbers_of_a_row_are_no_header(text):
    assert not has_header(table_of(text))


PLANES = [
    *("Aerospatiale (Nord) 262|ND2|N262", "Aerospatiale (Sud Aviation) Se.210 Caravelle|CRV|S210"),
    *("Aerospatiale SN.601 Corvette|NDC|S601", "Aerospatiale/Alenia ATR 42-300|AT4|AT43"),
    *("Aerospatiale/Alenia ATR 42-500|AT5|AT45", "Aerospatiale/Alenia ATR 42-600|ATR|AT46"),
    *("Aerospatiale/Alenia ATR 72|AT7|AT72", "Airbus A300|AB3|A30B", "Airbus A300-600|AB6|A306"),
    *("Airbus A310|310|A310", "Airbus A318|318|A318", "Airbus A319|319|A319", "Boeing 757-200|752|B752"),
]
COUNTRIES = [
    *("Bonaire, Saint Eustatius and Saba|BQ|", "Aruba|AW|AA", "Antigua and Barbuda|AG|AC"),
    *("United Arab Emirates|AE|AE", "Afghanistan|AF|AF", "Algeria|DZ|AG", "Azerbaijan|AZ|AJ"),
    *("Albania|AL|AL", "Armenia|AM|AM", "Angola|AO|AO", "Argentina|AR|AR", "Austria|AT|AU"),
]


@pytest.mark.parametrize("lines", [PLANES, COUNTRIES])
def test_a_first_row_with_codes_like_those_below_is_a_row(lines):
    """The tables of openflights have no header, and no numbers that would tell."""
    assert not has_header(table_of("\n".join(lines)))


@pytest.mark.parametrize("lines", [PLANES, COUNTRIES])
@pytest.mark.parametrize(
    "header", ["Name|IATA|ICAO", "name|ISO|FIPS", "Country|ID|KEY", "COUNTRY|A2|code", "||"]
)
def test_names_above_codes_are_a_header(header, lines):
    assert has_header(table_of("\n".join([header, *lines])))


def test_names_in_capitals_above_words_that_come_again_are_a_header():
    assert has_header(table_of("\n".join(["DAY|CUR", *["MON|EUR", "TUE|USD", "WED|EUR"] * 9])))


def test_a_reserved_name_is_called_reserved():
    names, notes = unique_names(["rowid", "a", "A"])
    assert names == ("rowid (2)", "a", "A (2)")
    assert notes == [
        "The name “rowid” is reserved; column 1 was called “rowid (2)”.",
        "The name “A” was taken already; column 3 was called “A (2)”.",
    ]
