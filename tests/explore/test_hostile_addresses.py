"""Whatever stands in an address or a form of a dataset, the answer is a page or a sentence; nothing runs."""

from __future__ import annotations

import itertools
import json
from typing import Any, ClassVar

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Rule

from beanft.engine.charts.catalogue import KINDS
from beanft.extensions import db
from beanft.models import User
from explore.hostile import N_ROWS, NAMES, NASTY, TOWNS, Twin, assert_harmless, read
from factories import make_dataset

JSON = {"Accept": "application/json"}
PART = {"HX-Request": "true"}


class _Asked(ImmutableMultiDict[str, Any]):
    """An address or a form that notes what is asked of it."""

    names: ClassVar[set[str]] = set()

    def get(self, key: str, *args: Any, **more: Any) -> Any:
        self.names.add(key)
        return super().get(key, *args, **more)

    def getlist(self, key: str, *args: Any) -> Any:
        self.names.add(key)
        return super().getlist(key, *args)

    def __contains__(self, key: object) -> bool:
        self.names.add(str(key))
        return super().__contains__(key)


BASES: dict[str, dict[str, Any]] = {
    "charts": {"kind": "bar", "x": "town", "y": "mass", "aggregation": "mean"},
    "figure": {"kind": "bar", "x": "town"},
    "numbers": {"kind": "bar", "x": "town"},
    "compare": {"a": "town", "b": "mass"},
    "compare_groups": {"by": "town", "one": TOWNS[0], "other": TOWNS[1]},
    "summary": {"by": "town", "what": "mean", "of": "mass"},
    "summary_file": {"by": "town", "what": "mean", "of": "mass"},
    "save_chart": {"kind": "bar", "x": "town", "name": "One"},
    "saved_chart": {"name": "One"},
    "arrange_board": {"move": "to", "place": "1", "width": "full", "height": "tall"},
    "board_file": {"version": "1"},
    "save_summary": {"version": "1", "summary": json.dumps({"by": [NAMES["town"]], "measures": []})},
}
"""Good questions, in which one part after the other becomes hostile; other pages answer without any."""


def test_no_address_and_no_form_breaks(
    app: Flask, as_alice: FlaskClient, twins: tuple[Twin, Twin], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.request_class, "parameter_storage_class", _Asked)
    twin = twins[0]
    as_alice.post(f"{twin.path}/charts/saved", data=twin.params(kind="bar", x="town", name="One"))
    turn, n_asked = itertools.cycle((*NASTY, *twin.names.values())), 0
    rules = _rules(app)
    assert len(rules) > 20, "those of a dataset that explore it"
    of_charts = {name for kind in KINDS for name in _fields_of(as_alice, f"{twin.path}/charts?kind={kind}")}
    assert {"z", "bins", "trend", "log_y", "columns", "was"} < of_charts
    for rule, method in rules:
        base = twin.params(**BASES.get(rule.endpoint.rpartition(".")[2], {}))
        names = _names(as_alice, rule, method, twin, base) | (of_charts if "kind" in base else set())
        if "operator" in names:
            base = {**twin.params(column="town", operator="equals", value=TOWNS[1]), **base}
        for name, value in ((name, value) for name in sorted(names) for value in itertools.islice(turn, 2)):
            n_asked += 1
            base |= {"name": f"Chart {n_asked}"} if "name" in base else {}
            _ask(as_alice, rule, method, twin, {**base, name: [value, TOWNS[n_asked % 7]]}, n_asked)
    assert n_asked > 500
    for page in ("board", "charts/saved"):
        assert_harmless(as_alice.get(f"{twin.path}/{page}"), page)
    assert as_alice.get(f"{twin.path}/rows", headers=JSON).get_json()["n_rows"] == N_ROWS


@pytest.mark.parametrize("nasty", NASTY, ids=range(len(NASTY)))
def test_a_hostile_description_of_a_summary_is_refused(
    as_alice: FlaskClient, app: Flask, alice: User, nasty: str
) -> None:
    with app.app_context():
        address = f"/datasets/{make_dataset(db.session.merge(alice)).id}"
    good = {"by": ["b"], "across": "", "measures": [], "bucket": "", "order": ""}
    bad = {"by": [nasty], "across": nasty, "bucket": nasty, "measures": [{"what": nasty, "column": "a"}]}
    for part, value in bad.items():
        data = {"version": "1", "summary": json.dumps({**good, part: value})}
        answer = as_alice.post(f"{address}/summary/save", data=data, headers=JSON)
        assert_harmless(answer, (part, value))
        assert answer.status_code == 422, (part, value)
    for filters in ([[nasty, "equals", "x"]], [["b", nasty, "x"]], [nasty], {nasty: nasty}, [[[nasty]] * 3]):
        data = {"version": "1", "summary": json.dumps(good), "filters": json.dumps(filters)}
        answer = as_alice.post(f"{address}/summary/save", data=data, headers=JSON)
        assert_harmless(answer, filters)
        assert answer.status_code == 422, filters


def _rules(app: Flask) -> list[tuple[Rule, str]]:
    """Every address of a dataset that explores it, with its methods, those that delete last."""
    found = [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in {"GET", "POST"} & (rule.methods or set())
        if "dataset" in rule.arguments
        and (rule.endpoint.startswith("explore.") or rule.endpoint == "uploader.save_summary")
    ]
    return sorted(found, key=lambda one: ("delete" in one[0].endpoint, one[0].endpoint, one[1]))


def _address(rule: Rule, twin: Twin) -> str:
    built = rule.rule.replace("/datasets/<dataset>", twin.path).replace("<int:number>", "1")
    assert "<" not in built, "teach this test the parts of the new address"
    return built


def _fields_of(client: FlaskClient, address: str) -> set[str]:
    """The fields of the forms of a page."""
    answer = client.get(address)
    if answer.mimetype != "text/html":
        answer.close()
        return set()
    return {name for form in read(answer).forms for name, _ in form[2]} - {"csrf_token"}


def _names(client: FlaskClient, rule: Rule, method: str, twin: Twin, base: dict[str, Any]) -> set[str]:
    """The parts that a view asks its address or its form for; forms ask only where something was sent."""
    _Asked.names.clear()
    sent = {"query_string" if method == "GET" else "data": {"sent": "1", **base}}
    answer = client.open(_address(rule, twin), method=method, **sent)
    answer.close()
    own = _fields_of(client, _address(rule, twin)) if method == "GET" else set()
    return _Asked.names | set(base) | own


def _ask(client: FlaskClient, rule: Rule, method: str, twin: Twin, parts: dict[str, Any], n: int) -> None:
    """Ask once, in turn as a browser, as a program and as htmx."""
    where = "query_string" if method == "GET" else "data"
    answer = client.open(
        _address(rule, twin), method=method, headers=({}, JSON, PART)[n % 3], **{where: parts}
    )
    try:
        assert_harmless(answer, (rule.rule, method, parts))
    finally:
        answer.close()
