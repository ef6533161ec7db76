"""Encodings: found from small tables of many languages, asked where it is not clear, damage named."""

import hashlib

import pytest

from beanft.engine.errors import EngineError
from beanft.engine.tables.text.candidates import ENCODINGS
from beanft.engine.tables.text.encoding import candidates, examine, rewrite
from beanft.engine.tables.wishes import Wishes

WEST = "name;city\nJosé;Málaga\nMüller;Köln\nÅsa;Malmö\n"
GERMAN = "Straße,Größe\nMünchen,1\n"
CZECH = "město,kraj\nPlzeň,Plzeňský\nČeské Budějovice,Jihočeský\nÚstí nad Labem,ý\nšťastný,ž\n"
POLISH = "miasto,ulica\nŁódź,Piotrkowska\nKraków,Święty Jan\nWrocław,Żelazna\nGdańsk,Ścięgiennego\n"
HUNGARIAN = "név,város\nKovács Győző,Hódmezővásárhely\nSzűcs,Székesfehérvár\n"
RUSSIAN = "имя;город\nИван;Москва\nПётр;Казань\n"
RUSSIAN_2 = "город,область\nСанкт-Петербург,Ленинградская\n"
GREEK_2 = "όνομα,πόλη\nΓιώργος,Αθήνα\nΜαρία,Θεσσαλονίκη\n"
GREEK = "όνομα,πόλη\nΓιώργος,Αθήνα\nΆννα,Θεσσαλονίκη\n"
TURKISH = "ad,şehir\nAyşe,İstanbul\nMehmet,Diyarbakır\nIşıl,Muğla\n"
LITHUANIAN = "vardas,miestas\nJonas,Šiauliai\nEglė,Panevėžys\nŽydrūnas,Klaipėda\n"
LATVIAN = "vārds,pilsēta\nJānis,Rīga\nPēteris,Daugavpils\nĢirts,Ķekava\n"
JAPANESE = "名前,都市\n田中,東京\nさとう,おおさか\n山田,カナ\n"
HOLIDAYS = "国民の祝日・休日月日,国民の祝日・休日名称\n1955/1/1,元日\n1955/1/15,成人の日\n"
PLACES = "都道府県,人口\n北海道,5\n青森県,1\n岩手県,1\n"
CHINESE = "姓名,城市\n王小明,北京\n李华,上海\n张伟,广州\n"
TAIWANESE = "姓名,城市\n王小明,臺北\n李華,高雄\n張偉,臺中\n"
KOREAN = "이름,도시\n김철수,서울\n이영희,부산\n"
FOUND = [
    *((text, name) for text in (WEST, GERMAN) for name in ("cp1252", "mac-roman", "cp850")),
    ("name,note\nRenée,“smart” – €5\nZoë,ok\n", "cp1252"),
    ("a,b\ncafé,1\n", "cp1252"),
    ("Preis,Menge\n5 €,3\n", "cp1252"),
    ("a;b\ncœur;5 €\nŒuvre;é\nété;à\n", "iso8859-15"),
    *((text, name) for text in (CZECH, POLISH) for name in ("cp1250", "iso8859-2")),
    (HUNGARIAN, "cp1250"),
    *((RUSSIAN, name) for name in ("cp1251", "koi8-r", "cp866", "iso8859-5")),
    *((RUSSIAN_2, name) for name in ("cp1251", "koi8-r")),
    (GREEK_2, "cp1253"),
    (GREEK, "iso8859-7"),
    *((TURKISH, name) for name in ("cp1254", "iso8859-9")),
    *((text, "cp1257") for text in (LITHUANIAN, LATVIAN)),
    *((text, name) for text in (JAPANESE, HOLIDAYS, PLACES) for name in ("cp932", "euc-jp")),
    (CHINESE, "gb18030"),
    (TAIWANESE, "big5"),
    (KOREAN, "euc-kr"),
    *((WEST, name) for name in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32")),
]


@pytest.mark.parametrize(("text", "encoding"), FOUND)
def test_texts_are_read_as_they_were_written(tmp_path, text, encoding):
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode(encoding))
    found = examine(path)
    assert "".join(found.lines()) == text
    assert found.n_lines == text.count("\n")
    assert found.endings == ("LF",)
    assert found.sha256 == hashlib.sha256(text.encode(encoding)).hexdigest()
    assert "".join(rewrite(found, tmp_path / "clean").lines()) == text
    assert candidates(path)[0].encoding == found.encoding.replace("utf-8-sig", "utf-8")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_can_be_wished(tmp_path, encoding):
    path = tmp_path / "t.csv"
    path.write_bytes("a,b\r\n1,x\r\n".encode(encoding))
    found = examine(path, wishes=Wishes(encoding=encoding))
    assert "".join(found.lines()) == "a,b\r\n1,x\r\n"


def test_three_candidates_with_a_line_of_each(tmp_path):
    (tmp_path / "t.csv").write_bytes(RUSSIAN.encode("koi8-r"))
    offers = candidates(tmp_path / "t.csv")
    assert offers[0].encoding == "koi8-r"
    assert offers[0].label == "KOI8-R (Russian)"
    assert offers[0].sample_line == "Пётр;Казань"
    assert len(offers) == len({offer.sample_line for offer in offers}) == 3


def test_samples_show_the_place_where_the_encodings_differ(tmp_path):
    """A bank's header had its only such letter after 170 characters, and all samples were the same."""
    before = ",".join(f"column {n}" for n in range(40))
    content = f"{before},Naam initiërende partij,{before}\n{'1,' * 80}1\n".encode("cp1252")
    (tmp_path / "t.csv").write_bytes(content)
    western, baltic, *_ = candidates(tmp_path / "t.csv")
    assert "Naam initiërende partij" in western.sample_line
    assert "Naam initiėrende partij" in baltic.sample_line
    assert len(western.sample_line) <= 202
    with pytest.raises(EngineError, match=r"\(“…[^”]*initiërende[^”]*…”\).*\(“…[^”]*initiėrende[^”]*…”\)"):
        examine(tmp_path / "t.csv")


def test_a_sample_is_of_the_line_that_they_read_otherwise(tmp_path):
    lines = "nimi,koht", "Jõgi,Käömäe küla", "Zoë,Berlin"  # õ, ä, ö and ü are the same in Windows-1257
    (tmp_path / "t.csv").write_bytes("\n".join(lines).encode("cp1252"))
    found = {one.encoding: one.sample_line for one in candidates(tmp_path / "t.csv", 2)}
    assert found == {"cp1252": "Zoë,Berlin", "cp1257": "Zoė,Berlin"}


def test_what_is_not_clear_is_asked(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"a,b\n\xd8\x80\xfe\x90,1\n\x81\xf8,2\n")
    with pytest.raises(EngineError, match=r"not clear in which encoding .* \(“.*”\), .* \(“.*”\)"):
        examine(tmp_path / "t.csv")


@pytest.mark.parametrize(
    ("content", "endings", "n_lines", "is_plain"),
    [
        (b"a\nb", ("LF",), 2, True),
        (b"a\r\nb\r\n", ("CRLF",), 2, True),
        (b"a\rb\r", ("CR",), 2, False),
        (b"a\r\nb\nc\r", ("LF", "CRLF", "CR"), 3, False),
        (b"x" * ((1 << 16) - 1) + b"\r\nb", ("CRLF",), 2, True),  # the break lies on a border of two reads
        (b"a", (), 1, True),
    ],
)
def test_lines_are_counted_as_python_reads_them(tmp_path, content, endings, n_lines, is_plain):
    (tmp_path / "t.csv").write_bytes(content)
    text = examine(tmp_path / "t.csv")
    assert (text.endings, text.n_lines, text.is_plain) == (endings, n_lines, is_plain)
    assert len(list(text.lines())) == n_lines


def test_a_letter_on_the_border_of_two_reads_is_one(tmp_path):
    content = b"x" * ((1 << 16) - 1) + "é\n".encode()
    (tmp_path / "t.csv").write_bytes(content)
    assert examine(tmp_path / "t.csv").encoding == "utf-8"
    (tmp_path / "t.csv").write_bytes(content + "é".encode()[:1])
    with pytest.raises(EngineError, match="Line 2 is not UTF-8 text at byte 1"):
        examine(tmp_path / "t.csv")


def test_damage_is_listed_with_the_first_five_places(tmp_path):
    lines = [f"{n},José" for n in range(20)]
    content = "\n".join(["a,b", *lines, ""]).encode()
    for n in range(3, 11):
        content = content.replace(b"\n%d,Jos\xc3\xa9" % n, b"\n%d,Jos\xff" % n)
    (tmp_path / "t.csv").write_bytes(content.replace(b"\n19,", b"\n1\x009,"))
    text = examine(tmp_path / "t.csv", wishes=Wishes(bad_bytes="replace"))
    assert text.notes == (
        "1 NUL byte was left out: line 21 (“1␀9,José”).",
        "8 pieces are not UTF-8 text and became “�”: line 5 (“3,Jos�”), line 6 (“4,Jos�”), "
        "line 7 (“5,Jos�”), line 8 (“6,Jos�”), line 9 (“7,Jos�”), ….",
    )
    assert not text.is_plain
    clean = rewrite(text, tmp_path / "clean")
    assert (tmp_path / "clean").read_text().splitlines()[4:6] == ["3,Jos�", "4,Jos�"]
    assert list(clean.lines())[20] == "19,José\n"


@pytest.mark.parametrize("line", [b"2,\xff", b"2,x\xff", b"2,caf\x82", b"2,\x8e\x9a"])
def test_a_few_odd_bytes_in_a_long_file_are_named(tmp_path, line):
    (tmp_path / "t.csv").write_bytes(b"a,b\n" + b"1,x\n" * 5000 + line + b"\n")
    with pytest.raises(
        EngineError, match=r"Line 5,002 is not UTF-8 text at byte \d, .* Windows-1252 or with bad"
    ):
        examine(tmp_path / "t.csv")


def test_a_handful_of_bytes_is_no_proof_of_a_rare_encoding(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"a,b\n1,x\n2,\xff\n")
    with pytest.raises(EngineError, match="not clear in which encoding"):
        examine(tmp_path / "t.csv")


@pytest.mark.parametrize("n", [1, 5000])
@pytest.mark.parametrize("cell", [b"10\xa0kg", b"1\xa0234"])
def test_a_blank_that_does_not_break_is_windows_1252(tmp_path, cell, n):
    (tmp_path / "t.csv").write_bytes(b"a,b\n" + b"1,x\n" * n + b"2," + cell + b"\n")
    assert examine(tmp_path / "t.csv").encoding == "cp1252"
