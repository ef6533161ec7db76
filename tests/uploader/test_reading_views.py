"""The pages on which a file is looked at before it is read, and read again in another way."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from beanft import storage
from beanft.engine.errors import EngineError
from beanft.engine.tables.preview import preview
from beanft.extensions import db
from beanft.models import Dataset, Job, Upload, User, Version
from beanft.uploader import tasks
from beanft.uploader.reading import services
from factories import make_dataset, run_job

JSON = {"Accept": "application/json"}
HTMX = {"HX-Request": "true"}
CSV = b"day;price\n31.01.2024;1,5\n01.02.2024;2,5\n"
RAGGED = b"a,b\n1,2\n3\n4,5,6\n7,8\n"


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Previews without a child process, which takes most of a second."""

    def call(_work: str, arguments: dict[str, Any], **_limits: Any) -> dict[str, Any]:
        return preview(**arguments, folder=str(tmp_path))

    monkeypatch.setattr(services.sandbox, "call", call)


pytestmark = pytest.mark.usefixtures("in_process")


def bring(client: FlaskClient, content: bytes = CSV, name: str = "prices.csv", title: str = "") -> str:
    """Upload a file to be looked at; the address of its preview."""
    data = {"file": (io.BytesIO(content), name), "name": title, "check": "yes"}
    answer = client.post("/datasets/new", data=data)
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def run_all(app: Flask) -> None:
    with app.app_context():
        for job in db.session.scalars(select(Job).where(Job.state == "queued")):
            run_job(job)


def count(app: Flask, table: Any) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(table)) or 0


def sent_fields(page: str) -> dict[str, str]:
    """What the button of a preview sends, looked at again or not: no name twice, so that none is hidden."""
    form = page[page.index('<form id="accept"') :]
    form = form[: form.index("</form>")]
    sent = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    for start, options in re.findall(r"(<select[^>]*>)(.*?)</select>", page, re.DOTALL):
        assert 'form="accept"' in start
        name, chosen = (re.search(r'name="([^"]+)"', start), re.search(r'value="([^"]*)" selected', options))
        sent.append((name[1] if name else "", chosen[1] if chosen else ""))
    for field in re.findall('<input class="form-control"[^>]*>', page):
        assert 'form="accept"' in field
        sent.append((re.findall('name="([^"]+)"', field)[0], re.findall('value="([^"]*)"', field)[0]))
    assert len(dict(sent)) == len(sent)
    return dict(sent)


def accept(client: FlaskClient, address: str, **fields: str) -> Any:
    return client.post(address.partition("?")[0], data=fields)


# Looking


def test_nothing_is_made_until_somebody_has_looked(app: Flask, as_alice: FlaskClient) -> None:
    address = bring(as_alice)
    assert (count(app, Dataset), count(app, Upload)) == (0, 1)
    page = as_alice.get(address)
    assert page.status_code == 200
    for words in (
        "prices.csv",
        "Nothing is fixed yet",
        "As found: Semicolon ;",
        "date (found)",
        "2024-01-31",
    ):
        assert words in page.text, words
    assert count(app, Dataset) == 0


def test_programs_get_what_was_found_as_json(as_alice: FlaskClient) -> None:
    facts = as_alice.get(bring(as_alice), headers=JSON).get_json()
    assert (facts["delimiter"], facts["header"], facts["error"]) == (";", True, "")
    assert [column["kind"] for column in facts["columns"]] == ["date", "number"]
    assert facts["rows"][0] == ["2024-01-31", 1.5]


def test_what_is_chosen_shows_at_once_and_is_kept_in_the_address(as_alice: FlaskClient) -> None:
    address = bring(as_alice)
    query = {"header": "no", "kind.column 1": "text"}
    fragment = as_alice.get(address, query_string=query, headers=HTMX)
    assert "<html" not in fragment.text
    assert "31.01.2024" in fragment.text
    assert "column 2" in fragment.text
    replaced = fragment.headers["HX-Replace-Url"]
    assert "header=no" in replaced
    whole = as_alice.get(replaced)
    assert "<html" in whole.text
    assert "31.01.2024" in whole.text


def test_kinds_of_columns_that_are_not_there_any_more_do_no_harm(as_alice: FlaskClient) -> None:
    facts = as_alice.get(
        bring(as_alice), query_string={"kind.nothing": "text", "kind.price": "text"}, headers=JSON
    ).get_json()
    assert facts["error"] == ""
    assert [column["kind"] for column in facts["columns"]] == ["date", "text"]


def test_a_file_that_cannot_be_read_so_can_be_read_otherwise(app: Flask, as_alice: FlaskClient) -> None:
    address = bring(as_alice, RAGGED)
    page = as_alice.get(address)
    assert page.status_code == 200
    assert "In this way the file cannot be read." in page.text
    assert "line 3" in page.text.lower()
    assert 'name="bad_rows"' in page.text
    assert "Set these rows aside" in page.text
    assert re.search(r'type="submit"[^>]* disabled aria-describedby="not-yet"', page.text)
    facts = as_alice.get(address, query_string={"bad_rows": "aside"}, headers=JSON).get_json()
    assert facts["error"] == ""
    assert facts["rows"] == [[1, 2], [7, 8]]


BYTES = [(b"Ber\0n,2\n", "Replace these bytes"), (b"K\xf6ln,2\n", "Read as Windows-1252")]


@pytest.mark.parametrize(("line", "button"), BYTES, ids=["nul", "latin"])
def test_bytes_after_the_sample_are_said_with_a_button(
    app: Flask, as_alice: FlaskClient, line: bytes, button: str
) -> None:
    content = b"city,n\n" + "Zürich,1\n".encode() * 3000 + line
    address = bring(as_alice, content)
    page = as_alice.get(address).text
    assert "cannot be read" in page
    assert button in page
    as_alice.post(address, data={})
    run_all(app)
    failed = as_alice.get(as_alice.get(address).location).text
    assert button.split()[0] in failed
    assert "/reading" in failed


def test_a_look_that_fails_leaves_the_file_readable(
    as_alice: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def call(*_arguments: Any, **_limits: Any) -> dict[str, Any]:
        raise EngineError("Looking at the file took too long.")

    address = bring(as_alice)
    monkeypatch.setattr(services.sandbox, "call", call)
    page = as_alice.get(address).text
    assert "could not be looked at" in page
    assert "not-yet" not in page


def test_notes_on_a_sample_say_so(as_alice: FlaskClient) -> None:
    rows = b"".join(b"%s\n" % (b"unknown" if n % 50 == 7 else b"%d,x" % n) for n in range(3000))
    content = b"n,t\n" + rows.replace(b"unknown", b"unknown 30,x")
    page = as_alice.get(bring(as_alice, content)).text
    assert "numbers of cells count only these" in page
    assert "at the head of the column below" in page


HOSTILE = [
    {"encoding": "rot13"},
    {"encoding": "\0"},
    {"delimiter": "x" * 10_000},
    {"delimiter": "\0"},
    {"skip": "9" * 4_000},
    {"sheet": "\0"},
    {"kind.price": "'; DROP TABLE"},
    {"format.day": "\0"},
    {"kind." + "x" * 5_000: "text"},
]


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_settings_give_a_sentence(as_alice: FlaskClient, query: dict[str, str]) -> None:
    address = bring(as_alice)
    answer = as_alice.get(address, query_string=query)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    facts = as_alice.get(address, query_string=query, headers=JSON)
    assert len(facts.get_json()["errors"]) == 1
    posted = as_alice.post(address, data=query, headers=JSON)
    assert posted.status_code == 422


@pytest.mark.parametrize(
    "query",
    [
        {"format.day": "%Q" * 100},
        {"kind.price": "date", "format.price": "%d"},
        {"skip": "9999"},
        {"delimiter": "§"},
        {"encoding": "utf-16"},
        {"quote": "none", "escape": "backslash"},
        {"kind.": "text", "format.": "x"},
        {"name": "x" * 500},
    ],
    ids=range(8),
)
def test_odd_settings_do_no_harm(as_alice: FlaskClient, query: dict[str, str]) -> None:
    address = bring(as_alice)
    assert as_alice.get(address, query_string=query).status_code == 200
    assert as_alice.get(address, query_string=query, headers=HTMX).status_code == 200


def test_names_of_files_and_columns_are_shown_as_text(as_alice: FlaskClient) -> None:
    evil = b"<script>alert(1)</script>,{{7*7}}\n<b>x</b>,2\n"
    page = as_alice.get(bring(as_alice, evil)).text
    assert "<script>alert" not in page
    assert "<b>x" not in page
    assert "{{7*7}}" in page


# Accepting


def test_reading_it_makes_the_dataset_as_it_was_shown(app: Flask, as_alice: FlaskClient) -> None:
    address = bring(as_alice, title="Prices")
    assert "name=Prices" in address
    assert 'value="Prices"' in as_alice.get(address).text
    answer = accept(as_alice, address, name="Prices", header="no", **{"kind.column 2": "text"})
    run_all(app)
    facts = as_alice.get(answer.location, headers=JSON).get_json()
    assert (facts["name"], facts["state"], facts["n_rows"]) == ("Prices", "ready", 3)
    assert facts["columns"][1]["kind"] == "text"
    assert count(app, Upload) == 0
    with app.app_context():
        assert db.session.scalars(select(Version)).one().wishes.header == "no"


def test_the_page_sends_what_it_shows(app: Flask, as_alice: FlaskClient) -> None:
    query = {"delimiter": "semicolon", "kind.price": "text"}
    sent = sent_fields(as_alice.get(bring(as_alice), query_string=query).text)
    assert (sent["delimiter"], sent["kind.price"]) == ("semicolon", "text")


def test_what_no_field_shows_is_sent_along(app: Flask, as_alice: FlaskClient) -> None:
    wide = (
        b",".join(b"c%d" % n for n in range(102)) + b"\n" + b",".join(b"%d.5" % n for n in range(102)) + b"\n"
    )
    sent = sent_fields(as_alice.get(bring(as_alice, wide), query_string={"kind.c101": "text"}).text)
    assert (sent["kind.c101"], sent["kind.c0"]) == ("text", "")
    assert "kind.c100" not in sent


def test_the_token_is_no_field_of_the_settings(app: Flask, as_alice: FlaskClient) -> None:
    page = as_alice.get(bring(as_alice)).text
    assert "csrf_token" not in sent_fields(page)
    assert re.search(r'<button [^>]*type="submit" name="csrf_token" value="[^"]+"', page)


def test_what_was_taken_off_the_cells_stands_beside_the_column_before_and_after(
    app: Flask, as_alice: FlaskClient
) -> None:
    content = b"time,discount\n2024-01-01T00:00:00+01:00,12 %\n2024-01-01T01:00:00+01:00,3 %\n"
    address = bring(as_alice, content)
    dataset = accept(as_alice, address).location
    run_all(app)
    facts = as_alice.get(dataset, headers=JSON).get_json()
    assert facts["n_rows"] == 2
    page = as_alice.get(dataset).text
    assert len(re.findall(r"time(</a>)? <span[^>]*>in UTC</span>", page)) == 2
    assert len(re.findall(r"discount(</a>)? <span[^>]*>in %</span>", page)) == 2
    assert "The unit “%” was taken off the cells of “discount”" in page
    assert '<span class="unit">UTC</span>' in as_alice.get(f"{dataset}/rows").text


def test_a_double_click_makes_one_dataset(app: Flask, as_alice: FlaskClient) -> None:
    address = bring(as_alice)
    answers = [accept(as_alice, address) for _ in range(2)]
    assert answers[0].location == answers[1].location
    assert (count(app, Dataset), count(app, Job)) == (1, 1)
    assert as_alice.get(address).location == answers[0].location


def test_the_same_file_sent_twice_waits_once(app: Flask, as_alice: FlaskClient) -> None:
    assert bring(as_alice) == bring(as_alice)
    assert count(app, Upload) == 1


def test_a_name_that_cannot_be_used_keeps_the_settings(app: Flask, as_alice: FlaskClient) -> None:
    address = bring(as_alice)
    answer = accept(as_alice, address, name="42", header="no")
    assert "header=no" in answer.location
    page = as_alice.get(answer.location).text
    assert "digits only" in page
    assert count(app, Dataset) == 0


def test_the_address_of_a_refused_page_holds_only_what_was_changed(app: Flask, as_alice: FlaskClient) -> None:
    header = ",".join(f"column{number}" for number in range(100))
    address = bring(as_alice, f"{header}\n{'1,' * 99}2\n".encode())
    sent = sent_fields(as_alice.get(address).text)
    assert sum(field.startswith("kind.") for field in sent) == 100
    answer = accept(as_alice, address, **{**sent, "name": "42", "kind.column7": "text"})
    assert answer.location.partition("?")[2] == "name=42&kind.column7=text"
    assert count(app, Dataset) == 0


def test_a_twin_is_said_before_it_is_read(app: Flask, as_alice: FlaskClient) -> None:
    accept(as_alice, bring(as_alice, title="First"), name="First")
    assert "the very same file before: “First”" in as_alice.get(bring(as_alice)).text


def test_discarding_forgets_it(app: Flask, as_alice: FlaskClient) -> None:
    address = bring(as_alice)
    with app.app_context():
        folder = storage.folder(db.session.scalars(select(Upload.key)).one())
    answer = as_alice.post(address.replace("/preview", "/discard"), follow_redirects=True)
    assert "was discarded" in answer.text
    assert not folder.exists()
    assert as_alice.get(address).status_code == 404


# Slices


def begin(client: FlaskClient, content: bytes = CSV, **more: Any) -> dict[str, Any]:
    made = client.post("/uploads", json={"name": "big.csv", "size": len(content), **more})
    assert made.status_code == 201, made.text
    upload: dict[str, Any] = made.get_json()
    client.patch(upload["url"], data=content, headers={"Upload-Offset": "0"})
    return upload


def test_slices_lead_to_the_preview_when_asked(app: Flask, as_alice: FlaskClient) -> None:
    upload = begin(as_alice)
    answers = [as_alice.post(upload["finish_url"], json={"check": True, "name": "Big"}) for _ in range(2)]
    for answer in answers:
        assert answer.status_code == 201
        assert answer.get_json() == {"url": f"/uploads/{upload['key']}/preview?name=Big"}
    assert count(app, Dataset) == 0
    assert "big.csv" in as_alice.get(answers[0].get_json()["url"]).text


def test_programs_that_do_not_ask_get_their_dataset_at_once(app: Flask, as_alice: FlaskClient) -> None:
    answer = as_alice.post(begin(as_alice)["finish_url"], json={"check": "yes"})
    assert answer.get_json()["id"] > 0
    data = {"file": (io.BytesIO(CSV), "b.csv"), "name": ""}
    assert "/preview" not in as_alice.post("/datasets/new", data=data).location
    assert count(app, Dataset) == 2


def test_what_has_not_arrived_whole_cannot_be_looked_at(as_alice: FlaskClient) -> None:
    upload = as_alice.post("/uploads", json={"name": "a.csv", "size": 9}).get_json()
    address = f"/uploads/{upload['key']}/preview"
    assert "is not complete" in as_alice.get(address, follow_redirects=True).text
    answer = as_alice.post(address, follow_redirects=True)
    assert "is not complete" in answer.text
    assert as_alice.post(upload["finish_url"], json={"check": True}).status_code == 422


def test_uploads_that_wait_are_listed_so_that_nobody_is_stuck(as_alice: FlaskClient) -> None:
    waiting = bring(as_alice)
    for _ in range(10):
        as_alice.post("/uploads", json={"name": "lost.csv", "size": 9})
    refused = as_alice.post("/uploads", json={"name": "a.csv", "size": 3})
    assert refused.status_code == 429
    assert "10 uploads that are not finished" in refused.get_json()["detail"]
    page = as_alice.get("/datasets/new").text
    assert f'href="{waiting}"' in page
    discards = re.findall(r'action="(/uploads/[0-9a-f]+/discard)"', page)
    assert len(discards) == 11
    as_alice.post(discards[0])
    assert as_alice.post("/uploads", json={"name": "a.csv", "size": 3}).status_code == 201


def test_files_that_wait_for_a_look_block_no_other(as_alice: FlaskClient) -> None:
    for number in range(11):
        bring(as_alice, b"a,b\n%d,2\n" % number)
    assert as_alice.post("/uploads", json={"name": "a.csv", "size": 3}).status_code == 201


def test_the_storage_is_said_where_a_file_is_brought(as_alice: FlaskClient) -> None:
    assert 'id="storage-words"' in as_alice.get("/datasets/new").text


# Who may


def test_uploads_of_others_do_not_exist(
    as_alice: FlaskClient, as_charlie: FlaskClient, visitor: FlaskClient
) -> None:
    address = bring(as_alice)
    assert as_charlie.get(address).status_code == 404
    assert as_charlie.post(address).status_code == 404
    assert as_charlie.post(address.replace("preview", "discard")).status_code == 404
    for answer in (visitor.get(address), visitor.post(address)):
        assert answer.location.startswith("/login")
    assert as_alice.get(address).status_code == 200


@pytest.mark.parametrize("part", ["reading", "rejects", "versions/new"])
def test_datasets_of_others_do_not_exist(
    app: Flask, alice: User, as_charlie: FlaskClient, visitor: FlaskClient, part: str
) -> None:
    with app.app_context():
        address = f"/datasets/{make_dataset(alice).id}/{part}"
    assert as_charlie.get(address).status_code == 404
    assert visitor.get(address).location.startswith("/login")
    assert as_charlie.post(address).status_code == (405 if part == "rejects" else 404)


def test_nobody_adds_a_version_to_a_dataset_of_somebody_else(
    app: Flask, alice: User, as_charlie: FlaskClient
) -> None:
    with app.app_context():
        dataset_id = make_dataset(alice).id
    for dataset in (dataset_id, 999, "x", -1, 1 << 80, True):
        answer = as_charlie.post("/uploads", json={"name": "a.csv", "size": 3, "dataset": dataset})
        assert answer.status_code == 404
        assert "no such dataset" in answer.get_json()["detail"]


# Reading again


def fail(app: Flask, client: FlaskClient, content: bytes = RAGGED) -> str:
    """A dataset whose file could not be read; its address."""
    data = {"file": (io.BytesIO(content), "ragged.csv")}
    address = str(client.post("/datasets/new", data=data).location)
    run_all(app)
    return address


def test_a_failed_file_is_read_again_in_another_way(app: Flask, as_alice: FlaskClient) -> None:
    address = fail(app, as_alice)
    page = as_alice.get(address).text
    assert f'href="{address}/reading"' in page
    assert "Set these rows aside and read again" in page
    looked = as_alice.get(f"{address}/reading").text
    assert "In this way the file cannot be read." in looked
    as_alice.post(f"{address}/reading", data={"version": "1", "bad_rows": "aside"})
    run_all(app)
    facts = as_alice.get(address, headers=JSON).get_json()
    assert (facts["state"], facts["version"], facts["n_rows"]) == ("ready", 1, 2)


def test_words_of_the_file_offer_nothing(app: Flask, as_alice: FlaskClient) -> None:
    words = b"set aside, bad bytes replaced, as Windows-1252, Choose the one whose sample reads right"
    header = b",".join(b"%s" % word for word in words.split(b", ")) + b"\n"
    address = fail(app, as_alice, header)
    page = as_alice.get(address).text
    looked = as_alice.get(f"{address}/reading").text
    assert "has a header (set aside, bad bytes replaced" in page
    assert "has a header (set aside, bad bytes replaced" in looked
    assert "Set these rows aside" not in page + looked
    assert "Replace these bytes" not in page + looked
    assert "as Windows-1252</" not in page + looked
    assert "by its sample" not in page


def test_an_encoding_that_is_not_clear_is_chosen_by_its_sample(app: Flask, as_alice: FlaskClient) -> None:
    address = fail(app, as_alice, b"a,b\n\xd8\x80\xfe\x90,1\n\x81\xf8,2\n")
    assert "Choose the encoding by its sample" in as_alice.get(address).text


def test_rows_set_aside_can_be_downloaded(app: Flask, as_alice: FlaskClient) -> None:
    address = fail(app, as_alice)
    assert as_alice.get(f"{address}/rejects").status_code == 404
    as_alice.post(f"{address}/reading", data={"version": "1", "bad_rows": "aside"})
    run_all(app)
    answer = as_alice.get(f"{address}/rejects", buffered=True)
    assert answer.status_code == 200
    assert "ragged.csv rejected rows.csv" in answer.headers["Content-Disposition"]
    assert answer.text.splitlines()[0] == "line,reason,text"
    assert len(answer.text.splitlines()) == 3
    assert as_alice.get(f"{address}/rejects?version=7").status_code == 404


def test_a_ready_file_read_otherwise_becomes_a_new_version(
    app: Flask, alice: User, as_alice: FlaskClient
) -> None:
    with app.app_context():
        address = f"/datasets/{make_dataset(alice).id}"
    page = as_alice.get(f"{address}/reading")
    assert "Read as version 2" in page.text
    assert "Against version 1" in as_alice.get(f"{address}/reading?kind.a=text").text
    for _ in range(2):
        as_alice.post(f"{address}/reading", data={"version": "1", "kind.a": "text"})
    run_all(app)
    facts = as_alice.get(address, headers=JSON).get_json()
    assert (facts["version"], facts["columns"][0]["kind"]) == (2, "text")
    assert count(app, Version) == 2


def test_a_page_of_which_nothing_was_changed_asks_for_nothing_new(
    app: Flask, alice: User, as_alice: FlaskClient
) -> None:
    with app.app_context():
        csv = "day;price\n31.01.2024;1,5\n01.02.2024;2,5\n"
        address = f"/datasets/{make_dataset(alice, csv=csv, kinds={'price': 'text'}).id}"
    sent = sent_fields(as_alice.get(f"{address}/reading").text)
    assert (sent["version"], sent["kind.price"], sent["format.day"]) == ("1", "text", "")
    same = as_alice.post(f"{address}/reading", data=sent, follow_redirects=True)
    assert "Nothing was changed" in same.text


def test_nothing_changed_and_a_page_of_before_are_said(
    app: Flask, alice: User, as_alice: FlaskClient
) -> None:
    with app.app_context():
        address = f"/datasets/{make_dataset(alice).id}"
    same = as_alice.post(f"{address}/reading", data={"version": "1"}, follow_redirects=True)
    assert "Nothing was changed" in same.text
    for version in ("7", "x", "9" * 50, ""):
        data = {"version": version, "header": "no"}
        old = as_alice.post(f"{address}/reading", data=data, follow_redirects=True)
        assert "changed since you opened this page" in old.text


def test_while_it_is_read_nothing_can_be_changed(app: Flask, as_alice: FlaskClient) -> None:
    data = {"file": (io.BytesIO(CSV), "a.csv")}
    address = as_alice.post("/datasets/new", data=data).location
    for answer in (
        as_alice.get(f"{address}/reading", follow_redirects=True),
        as_alice.post(f"{address}/reading", data={"version": "1"}, follow_redirects=True),
    ):
        assert "being read just now" in answer.text


# A further version


def test_a_new_version_is_compared_before_it_is_read(app: Flask, alice: User, as_alice: FlaskClient) -> None:
    with app.app_context():
        dataset_id = make_dataset(alice, csv="a,b\n1,x\n2,y\n", kinds={"b": "text"}).id
    address = f"/datasets/{dataset_id}/versions/new"
    assert "becomes version 2" in as_alice.get(address).text
    data = {"file": (io.BytesIO(b"a,c\n1,2\n2,3\n5,6\n"), "next.csv")}
    answer = as_alice.post(address, data=data)
    page = as_alice.get(answer.location)
    assert "1 column is gone: “b”" in page.text
    assert "There were 2 rows, and there are 3 now" in page.text
    assert "Read as version 2" in page.text
    assert 'id="name"' not in page.text
    sent = sent_fields(page.text)
    made = [accept(as_alice, answer.location, **sent) for _ in range(2)]
    assert [one.location for one in made] == [f"/datasets/{dataset_id}"] * 2
    run_all(app)
    facts = as_alice.get(made[0].location, headers=JSON).get_json()
    assert (facts["version"], facts["n_rows"]) == (2, 3)
    assert count(app, Version) == 2


def test_a_new_version_takes_over_wishes_and_roles(app: Flask, alice: User, as_alice: FlaskClient) -> None:
    with app.app_context():
        dataset = make_dataset(alice, csv="a,b\n1,x\n2,y\n", kinds={"a": "text"})
        dataset.latest.roles = {"b": "group"}
        db.session.commit()
        dataset_id = dataset.id
    upload = begin(as_alice, b"a,b\n3,x\n4,y\n", dataset=dataset_id)
    answer = as_alice.post(upload["finish_url"], json={})
    address = answer.get_json()["url"]
    assert as_alice.get(address, headers=JSON).get_json()["columns"][0]["kind"] == "text"
    accept(as_alice, address)
    run_all(app)
    with app.app_context():
        latest = db.session.get_one(Dataset, dataset_id).latest
        assert (latest.number, latest.state, latest.roles) == (2, "ready", {"b": "group"})
        assert latest.profile.column("a").kind == "text"


def test_the_very_same_file_is_recognised(app: Flask, alice: User, as_alice: FlaskClient) -> None:
    content = b"a,b\n1,x\n2,y\n"
    with app.app_context():
        dataset_id = make_dataset(alice, csv=content).id
    data = {"file": (io.BytesIO(content), "again.csv")}
    answer = as_alice.post(f"/datasets/{dataset_id}/versions/new", data=data)
    page = as_alice.get(answer.location).text
    assert "This is the very same file as version 1." in page
    assert f'href="/datasets/{dataset_id}?version=1"' in page


@pytest.mark.parametrize(
    ("data", "words"), [({}, "Choose a file"), ({"file": (io.BytesIO(b""), "a.csv")}, "empty")]
)
def test_a_new_version_without_a_file_says_why(
    app: Flask, alice: User, as_alice: FlaskClient, data: dict[str, Any], words: str
) -> None:
    with app.app_context():
        dataset_id = make_dataset(alice).id
    answer = as_alice.post(f"/datasets/{dataset_id}/versions/new", data=data)
    assert answer.status_code == 422
    assert words in answer.text


def test_the_look_and_the_reading_heed_the_same_settings(
    app: Flask, as_alice: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = {"columns_max": 11, "cells_max": 1000, "line_max_mb": 7, "unpacked_max_mb": 99}
    monkeypatch.setitem(app.config, "BEANFT", replace(app.config["BEANFT"], **limits))
    looked: list[dict[str, Any]] = []
    look = services.sandbox.call
    monkeypatch.setattr(services.sandbox, "call", lambda *a, **k: looked.append(a[1]) or look(*a, **k))
    address = bring(as_alice, b"a,b\n" + b"1,x\n" * 501)
    sentence = "The table has 1,002 cells; 1,000 are allowed"
    assert sentence in as_alice.get(address, headers=JSON).get_json()["error"]
    as_alice.post(address)
    with app.app_context():
        job = db.session.scalars(select(Job)).one()
        values = tasks.prepare(job)
        for told in (looked[-1], values):
            given = (told["max_columns"], told["max_cells"], told["max_line_mb"], told["unpacked_mb"])
            assert given == tuple(limits.values())
        assert sentence in (run_job(job).error or "")


def test_a_flood_of_columns_is_refused_with_a_sentence_and_stores_nothing(
    app: Flask, as_alice: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "BEANFT", replace(app.config["BEANFT"], columns_max=3))
    address = bring(as_alice, CSV)
    flood = {f"kind.column {number}": "text" for number in range(50)}
    answer = as_alice.post(address, data=flood, headers=JSON)
    assert (answer.status_code, count(app, Version)) == (422, 0)
    assert "50 columns were asked for, and a table has at most 3" in answer.get_json()["error"]
    answer = as_alice.post(address, data={f"kind.{'x' * 201}": "text"}, headers=JSON)
    assert (answer.status_code, count(app, Version)) == (422, 0)
