"""The pages and addresses of the uploader."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from beanft import file_names, storage
from beanft.extensions import db
from beanft.models import Dataset, Job, Upload, User
from beanft.uploader.slices import services as slice_services
from conftest import log_in
from factories import make_dataset, run_job

CSV = b"price,place\n1.5,north\n2.5,south\n,north\n"
JSON = {"Accept": "application/json"}


def post_file(client: FlaskClient, content: bytes, file_name: str = "prices.csv", name: str = "") -> Any:
    return client.post("/datasets/new", data={"file": (io.BytesIO(content), file_name), "name": name})


def run_all(app: Flask) -> None:
    with app.app_context():
        for job in db.session.scalars(select(Job).where(Job.state == "queued")):
            run_job(job)


@pytest.fixture
def dataset_id(app: Flask, alice: User) -> int:
    with app.app_context():
        return make_dataset(alice, csv="a,b\n1,x\n2,y\n2,\n").id


PAGES = ["/datasets", "/datasets/new", "/datasets/{}/columns", "/datasets/{}/delete", "/datasets/{}/original"]


@pytest.mark.parametrize("address", PAGES)
def test_each_page_answers_its_owner(as_alice: FlaskClient, dataset_id: int, address: str) -> None:
    assert as_alice.get(address.format(dataset_id), buffered=True).status_code == 200


@pytest.mark.parametrize("address", PAGES)
def test_visitors_are_sent_to_the_login_page(visitor: FlaskClient, dataset_id: int, address: str) -> None:
    answer = visitor.get(address.format(dataset_id))
    assert answer.status_code == 302
    assert "/login" in answer.location


@pytest.mark.parametrize("address", PAGES[2:])
def test_a_stranger_finds_nothing(as_charlie: FlaskClient, dataset_id: int, address: str) -> None:
    assert as_charlie.get(address.format(dataset_id)).status_code == 404


@pytest.mark.parametrize("action", ["retry", "delete", "columns"])
def test_a_stranger_changes_nothing(as_charlie: FlaskClient, dataset_id: int, action: str) -> None:
    assert as_charlie.post(f"/datasets/{dataset_id}/{action}", data={"name": "table"}).status_code == 404


@pytest.mark.parametrize("address", ["/datasets/0/columns", "/datasets/nothing/delete", "/uploads/zz/finish"])
def test_what_does_not_exist_is_not_found(as_alice: FlaskClient, address: str) -> None:
    method = as_alice.post if address.endswith("finish") else as_alice.get
    assert method(address).status_code == 404


def test_the_empty_list_offers_upload_and_samples(as_alice: FlaskClient) -> None:
    page = as_alice.get("/datasets").text
    assert "No datasets yet" in page
    assert "Use Penguins" in page
    facts = as_alice.get("/datasets", headers=JSON).get_json()
    assert (facts["datasets"], facts["page"], facts["n_pages"], facts["total"]) == ([], 1, 1, 0)
    assert facts["storage"]["used_bytes"] == 0


def test_the_list_shows_each_dataset_with_its_state(as_alice: FlaskClient, dataset_id: int) -> None:
    page = as_alice.get("/datasets").text
    assert f'href="/datasets/{dataset_id}"' in page
    assert "Ready" in page
    facts = as_alice.get("/datasets", headers=JSON).get_json()["datasets"][0]
    assert (facts["name"], facts["state"], facts["n_rows"], facts["n_columns"]) == ("table", "ready", 3, 2)


@pytest.mark.parametrize("page", ["x", "-1", "99999999999999999999999"])
def test_odd_page_numbers_do_no_harm(as_alice: FlaskClient, dataset_id: int, page: str) -> None:
    assert as_alice.get(f"/datasets?page={page}").status_code == 200


# The plain form


def test_a_form_without_javascript_brings_a_file(app: Flask, as_alice: FlaskClient) -> None:
    answer = post_file(as_alice, CSV, name="Prices")
    assert answer.status_code == 302
    page = as_alice.get(answer.location).text
    assert "is being read" in page
    assert 'data-state="queued"' in page
    run_all(app)
    page = as_alice.get(answer.location).text
    assert 'data-state="ready"' in page
    assert "<h1" in page
    assert "Prices" in page


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"name": "x"}, "Choose a file with a table"),
        ({"file": (io.BytesIO(b""), "a.csv"), "name": ""}, "The file is empty"),
        ({"file": (io.BytesIO(CSV), "a.csv"), "name": "x" * 121}, "at most 120 characters"),
        ({"file": (io.BytesIO(CSV), "a.csv"), "name": "42"}, "digits only"),
    ],
)
def test_a_form_that_cannot_be_used_says_why(as_alice: FlaskClient, data: dict[str, Any], words: str) -> None:
    answer = as_alice.post("/datasets/new", data=data)
    assert answer.status_code == 422
    assert words in answer.text


def test_a_file_beyond_the_limit_of_the_form_is_refused(app: Flask, as_alice: FlaskClient) -> None:
    body = b"x" * (18 << 20)
    answer = as_alice.post("/datasets/new", data=body, content_type="multipart/form-data; boundary=b")
    assert answer.status_code == 413
    with app.app_context():
        assert db.session.scalar(select(Dataset)) is None


def test_the_same_file_again_is_said(as_alice: FlaskClient) -> None:
    post_file(as_alice, CSV, name="first")
    page = as_alice.post(
        "/datasets/new", data={"file": (io.BytesIO(CSV), "b.csv")}, follow_redirects=True
    ).text
    assert "the very same file before: “first”" in page


HOSTILE = [
    "<script>alert(1)</script>.csv",
    'a"b.csv',
    "a\r\nSet-Cookie: x=1.csv",
    "x" * 300 + ".csv",
    "\u202egnp.csv",
    "...",
]


@pytest.mark.parametrize("file_name", HOSTILE)
def test_hostile_file_names_are_shown_as_text_and_downloaded_safely(
    app: Flask, as_alice: FlaskClient, alice: User, file_name: str
) -> None:
    with app.app_context():
        from_services = make_dataset(alice)  # the test client itself refuses to send such names
        version = from_services.latest
        version.original_name = file_names.file_name(file_name)
        db.session.commit()
        dataset_id = from_services.id
    page = as_alice.get(f"/datasets/{dataset_id}")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    answer = as_alice.get(f"/datasets/{dataset_id}/original", buffered=True)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie: x" not in dict(answer.headers)
    assert answer.data == b"a,b\n1,x\n2,y\n"


def test_a_hostile_dataset_name_is_shown_as_text(as_alice: FlaskClient) -> None:
    evil = "<img src=x onerror=alert(1)>\"'{{7*7}}"
    answer = post_file(as_alice, CSV, name=evil)
    pages = [answer.location, "/datasets", f"{answer.location}/delete"]
    for address in pages:
        page = as_alice.get(address).text
        assert "<img src=x" not in page
        assert "{{7*7}}" in page


def test_a_name_with_a_lone_surrogate_does_no_harm(as_alice: FlaskClient) -> None:
    made = as_alice.post("/uploads", json={"name": "\ud800.csv", "size": len(CSV)})
    assert made.status_code == 201
    as_alice.patch(made.get_json()["url"], data=CSV, headers={"Upload-Offset": "0"})
    done = as_alice.post(made.get_json()["finish_url"], json={"name": "\ud800"})
    assert done.status_code == 201


# Samples


def test_a_sample_takes_one_click(app: Flask, as_alice: FlaskClient) -> None:
    answer = as_alice.post("/datasets/samples/penguins")
    run_all(app)
    page = as_alice.get(answer.location).text
    assert 'data-state="ready"' in page
    assert "Source: Gorman" in page
    assert "CC0" in page


def test_an_unknown_sample_is_not_found(as_alice: FlaskClient) -> None:
    assert as_alice.post("/datasets/samples/nothing").status_code == 404


# Slices


def begin(client: FlaskClient, size: int = len(CSV)) -> dict[str, Any]:
    answer = client.post("/uploads", json={"name": "big.csv", "size": size})
    assert answer.status_code == 201
    return dict(answer.get_json())


def patch(client: FlaskClient, url: str, offset: int, content: bytes) -> Any:
    headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    return client.patch(url, data=content, headers=headers)


def test_an_upload_in_slices_resumes_and_becomes_a_dataset(app: Flask, as_alice: FlaskClient) -> None:
    upload = begin(as_alice)
    first = patch(as_alice, upload["url"], 0, CSV[:10])
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "10")
    again = log_in(app, "alice")  # another browser, or the same one after a crash
    where = again.head(upload["url"])
    assert (where.status_code, where.headers["Upload-Offset"]) == (200, "10")
    assert patch(again, upload["url"], 10, CSV[10:]).headers["Upload-Offset"] == str(len(CSV))
    done = again.post(upload["finish_url"], json={"name": ""})
    assert done.status_code == 201
    run_all(app)
    facts = again.get(done.get_json()["url"], headers=JSON).get_json()
    assert (facts["name"], facts["state"], facts["n_rows"]) == ("big", "ready", 3)


def test_a_wrong_offset_is_answered_with_the_right_one(as_alice: FlaskClient) -> None:
    upload = begin(as_alice)
    patch(as_alice, upload["url"], 0, CSV[:10])
    answer = patch(as_alice, upload["url"], 0, CSV[:10])
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (409, "10")
    assert answer.get_json()["offset"] == 10


@pytest.mark.parametrize("offset", ["", "-1", "1.5", "x", "9" * 30, "٣"])
def test_an_odd_offset_is_refused(as_alice: FlaskClient, offset: str) -> None:
    upload = begin(as_alice)
    headers = {"Upload-Offset": offset.encode().decode("latin-1")}
    assert as_alice.patch(upload["url"], data=b"x", headers=headers).status_code == 400


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"size": "9"}', b'{"size": true}', b'{"size": 1.5}', b'{"size": null}']
)
def test_a_start_that_makes_no_sense_is_refused(as_alice: FlaskClient, body: bytes) -> None:
    answer = as_alice.post("/uploads", data=body, content_type="application/json")
    assert answer.status_code == 422
    assert "size" in answer.get_json()["detail"]


@pytest.mark.parametrize(("size", "status", "words"), [(0, 422, "empty"), (1 << 60, 413, "larger")])
def test_sizes_beyond_the_limits_are_refused(
    as_alice: FlaskClient, size: int, status: int, words: str
) -> None:
    answer = as_alice.post("/uploads", json={"name": "a.csv", "size": size})
    assert answer.status_code == status
    assert words in answer.get_json()["detail"]


def test_a_slice_beyond_the_limit_is_refused(as_alice: FlaskClient) -> None:
    upload = begin(as_alice, size=20 << 20)
    assert patch(as_alice, upload["url"], 0, b"x" * (10 << 20)).status_code == 413
    assert patch(as_alice, upload["url"], 0, b"x" * ((8 << 20) + 1)).status_code == 413
    assert as_alice.head(upload["url"]).headers["Upload-Offset"] == "0"


def test_finishing_twice_gives_one_dataset(app: Flask, as_alice: FlaskClient) -> None:
    upload = begin(as_alice)
    patch(as_alice, upload["url"], 0, CSV)
    answers = [as_alice.post(upload["finish_url"], json={}) for _ in range(2)]
    assert answers[0].get_json()["id"] == answers[1].get_json()["id"]
    with app.app_context():
        assert len(db.session.scalars(select(Dataset)).all()) == 1


def test_finishing_too_early_is_refused(as_alice: FlaskClient) -> None:
    upload = begin(as_alice)
    answer = as_alice.post(upload["finish_url"], json={})
    assert answer.status_code == 422
    assert "not complete" in answer.get_json()["detail"]


def test_cancelling_forgets_the_upload(app: Flask, as_alice: FlaskClient) -> None:
    upload = begin(as_alice)
    patch(as_alice, upload["url"], 0, CSV[:10])
    assert as_alice.delete(upload["url"]).status_code == 204
    assert as_alice.head(upload["url"]).status_code == 404
    with app.app_context():
        assert db.session.scalar(select(Upload)) is None
        assert not (storage.folder(upload["key"]) / "upload.part").exists()


def test_uploads_of_others_cannot_be_touched(as_alice: FlaskClient, as_charlie: FlaskClient) -> None:
    upload = begin(as_alice)
    assert as_charlie.head(upload["url"]).status_code == 404
    assert patch(as_charlie, upload["url"], 0, CSV).status_code == 404
    assert as_charlie.delete(upload["url"]).status_code == 404
    assert as_charlie.post(upload["finish_url"], json={}).status_code == 404
    assert as_alice.head(upload["url"]).headers["Upload-Offset"] == "0"


def test_slices_need_the_csrf_token(app: Flask, as_alice: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    body = {"name": "a.csv", "size": len(CSV)}
    assert as_alice.post("/uploads", json=body).status_code == 400
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', as_alice.get("/datasets/new").text)
    assert found is not None
    token = {"X-CSRFToken": found[1]}
    upload = as_alice.post("/uploads", json=body, headers=token).get_json()
    headers = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    assert as_alice.patch(upload["url"], data=CSV, headers=headers).status_code == 400
    assert as_alice.patch(upload["url"], data=CSV, headers=headers | token).status_code == 204


# Failure


BAD = {
    "only lines": (b"\n\n\n", "empty"),
    "header only": (b"a,b,c\n", "no rows"),
    "binary": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "PNG"),
    "ragged": (b"a,b\n1,2\n3\n4,5,6\n", "line 3"),
    "unclosed quote": (b'a,b\n1,2\n"3,4\n5,6\n', "line 3"),
}


@pytest.mark.parametrize("case", list(BAD))
def test_a_bad_file_gives_its_sentence_and_a_way_on(app: Flask, as_alice: FlaskClient, case: str) -> None:
    content, words = BAD[case]
    answer = post_file(as_alice, content, file_name="bad.csv")
    run_all(app)
    shown = as_alice.get(answer.location)
    assert shown.status_code == 200
    assert 'data-state="failed"' in shown.text
    assert words.lower() in shown.text.lower()
    for part in ("Try again", "Delete", "Download the file", "bad.csv"):
        assert part in shown.text
    assert words.lower() in as_alice.get(answer.location, headers=JSON).get_json()["error"].lower()
    assert as_alice.get(f"{answer.location}/original", buffered=True).data == content
    for part in ("rows", "columns"):
        assert as_alice.get(f"{answer.location}/{part}").location == answer.location


def test_try_again_makes_one_new_job(app: Flask, as_alice: FlaskClient) -> None:
    answer = post_file(as_alice, b"a,b\n")
    run_all(app)
    for _ in range(2):
        assert as_alice.post(f"{answer.location}/retry").status_code == 302
    assert 'data-state="queued"' in as_alice.get(answer.location).text
    with app.app_context():
        assert len(db.session.scalars(select(Job)).all()) == 2


# Columns


def test_kinds_can_be_changed(app: Flask, as_alice: FlaskClient, dataset_id: int) -> None:
    address = f"/datasets/{dataset_id}/columns"
    page = as_alice.get(address).text
    assert 'data-name="columns"' in page
    assert page.count('name="kind"') == 2
    answer = as_alice.post(address, data={"version": "1", "kind": ["category", "text"]})
    assert answer.location == f"/datasets/{dataset_id}"
    run_all(app)
    facts = as_alice.get(answer.location, headers=JSON).get_json()
    assert facts["version"] == 2
    assert [column["kind"] for column in facts["columns"]] == ["category", "text"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "changed since you opened"),
        ({"version": "x", "kind": ["number", "text"]}, "changed since you opened"),
        ({"version": "1", "kind": ["number"]}, "changed since you opened"),
        ({"version": "1", "kind": ["number", "drop table"]}, "no such kind"),
        ({"version": "1", "kind": ["number", "category"]}, "Nothing was changed"),
    ],
)
def test_kinds_that_do_not_fit_say_why(
    as_alice: FlaskClient, dataset_id: int, data: dict[str, Any], words: str
) -> None:
    answer = as_alice.post(f"/datasets/{dataset_id}/columns", data=data, follow_redirects=True)
    assert answer.status_code == 200
    assert words in answer.text


def test_unreadable_cells_are_named_with_their_lines(app: Flask, as_alice: FlaskClient, alice: User) -> None:
    rows = "".join(f"{number}\n" for number in range(300))
    with app.app_context():
        dataset_id = make_dataset(alice, csv=f"a\n{rows}oops\n", kinds={"a": "number"}).id
    page = as_alice.get(f"/datasets/{dataset_id}/columns").text
    assert "1 cell could not be read" in page
    assert "Line 302" in page
    assert "oops" in page


# Deletion


def test_deleting_asks_for_the_name_and_removes_the_files(
    app: Flask, as_alice: FlaskClient, dataset_id: int
) -> None:
    with app.app_context():
        dataset = db.session.get(Dataset, dataset_id)
        assert dataset is not None
        folder = storage.folder(dataset.latest.key)
    page = as_alice.get(f"/datasets/{dataset_id}/delete").text
    assert "No experiment, model or prediction depends on it" in page
    refused = as_alice.post(f"/datasets/{dataset_id}/delete", data={"name": "tabl"})
    assert refused.status_code == 422
    assert "not the name" in refused.text
    assert folder.exists()
    done = as_alice.post(f"/datasets/{dataset_id}/delete", data={"name": "table"}, follow_redirects=True)
    assert "are deleted" in done.text
    assert not folder.exists()
    assert as_alice.get(f"/datasets/{dataset_id}").status_code == 404


DEEP = [
    *(b"[" * 500_000, b'{"a":' * 100_000, b'{"size":' + b"9" * 5_000 + b"}"),
    *(b"[]", b"{", b'"x"', b"null", b"\xff"),
]


@pytest.mark.parametrize("body", DEEP, ids=range(len(DEEP)))
@pytest.mark.parametrize("address", ["/uploads", "/uploads/" + "0" * 32 + "/finish"])
def test_what_is_no_json_object_is_refused_with_a_sentence(
    as_alice: FlaskClient, address: str, body: bytes
) -> None:
    answer = as_alice.post(address, data=body, content_type="application/json", headers=JSON)
    assert answer.status_code == 400
    assert "JSON object" in answer.get_json()["detail"]


@pytest.mark.parametrize("name", [5, ["a"], {"a": 1}, None])
def test_a_name_that_is_no_text_counts_as_none(as_alice: FlaskClient, name: Any) -> None:
    assert as_alice.post("/uploads", json={"name": name, "size": 3}).status_code == 201


@pytest.mark.parametrize("version", ["9" * 5_000, "9" * 30, "-1", "x", "", "1.0"])
def test_a_version_that_is_none_changes_nothing(
    app: Flask, as_alice: FlaskClient, dataset_id: int, version: str
) -> None:
    data = {"version": version, "kind": ["category", "text"]}
    answer = as_alice.post(f"/datasets/{dataset_id}/columns", data=data, follow_redirects=True)
    assert answer.status_code == 200
    assert "changed since you opened this page" in answer.text


def test_a_lost_original_is_said(app: Flask, as_alice: FlaskClient, dataset_id: int) -> None:
    with app.app_context():
        storage.folder(db.session.get_one(Dataset, dataset_id).latest.key).joinpath("original").unlink()
    answer = as_alice.get(f"/datasets/{dataset_id}/original")
    assert answer.status_code == 404
    assert "is lost" in answer.text


def test_too_many_uploads_at_once_are_refused(as_alice: FlaskClient) -> None:
    for _ in range(10):
        begin(as_alice)
    answer = as_alice.post("/uploads", json={"name": "a.csv", "size": 3})
    assert answer.status_code == 429
    assert "10 uploads" in answer.get_json()["detail"]


def test_a_slice_of_an_upload_that_was_dropped_is_answered_with_not_found(
    app: Flask, as_alice: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = begin(as_alice)
    append = slice_services.append_slice

    def dropped_first(**arguments: Any) -> int:
        db.session.execute(delete(Upload))
        db.session.commit()  # every row at hand is expired, as after another request's delete
        return append(**arguments)

    monkeypatch.setattr(slice_services, "append_slice", dropped_first)
    answer = patch(as_alice, upload["url"], 0, CSV[:10])
    assert answer.status_code == 404
    assert "dropped" in answer.get_json()["detail"]
    with app.app_context():
        assert not list(storage.folder(upload["key"]).iterdir())
