"""Two tables of the same numbers, one of hostile and one of harmless names, and what no answer may hold."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from werkzeug.test import TestResponse

from beanft.models import Dataset, User
from factories import make_dataset

NAMES = {
    "town": 't"; DROP TABLE "t"; --\'',
    "sex": "<script>window.__pwned=1</script>",
    "mass": "__import__('os').environ.update(PWNED='1')",
    "price": "p]['\\\"{{7*7}}{v}%s?`",
    "width": "=cmd|' /C calc'!A0",
    "depth": '"><img src=x onerror=window.__pwned=1>',
    "day": "-' OR 1=1; ATTACH 'x' AS y; --",
    "paid": "x" * 10_000,
    "note": "'''+__import__('os').system('x')+\"\"\"",
}
"""The columns: what the twin calls them, and how hostile they can be called."""

KINDS = {
    "town": "category", "sex": "category", "mass": "number", "price": "number", "width": "number",
    "depth": "number", "day": "date", "paid": "boolean", "note": "text",
}  # fmt: skip

TOWNS = (
    "'; DELETE FROM everything; --",
    "<script>window.__pwned=1</script>",
    '" onmouseover="window.__pwned=1',
    "__import__('os').environ.update(PWNED='1')",
    "other",
    "]]> \\ {{7*7}} %s, ?",
    "</textarea></style></title><svg onload=window.__pwned=1>",
    "y" * 10_000,
)
SEXES = ("<b>f</b>", "'m'")
NASTY = (
    '\'; DROP TABLE "t"; -- <script>window.__pwned=1</script> " onfocus="x',
    "__import__('os').environ.update(PWNED='1')",
    "z" * 10_000,
    "\0\r\nX-Pwned: 1\U0001f600\u202e %s {0} {{7*7}} ?",
    "-99999999999999999999",
    "1e999",
    "[" * 3000,
)
"""What is typed and sent."""

N_ROWS = 160


@dataclass(frozen=True)
class Twin:
    """One of the two tables, and its words for what both hold."""

    path: str
    """Address of the dataset."""
    names: dict[str, str]
    """Its columns by the harmless names."""
    words: dict[str, str]
    """Its categories by the hostile ones."""

    def params(self, **values: Any) -> dict[str, Any]:
        """Parts of an address with the names and the categories of this table."""
        return {name: self._said(value) for name, value in values.items()}

    def _said(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._said(one) for one in value]
        return self.names.get(value, self.words.get(value, value))


def make_twins(owner: User) -> tuple[Twin, Twin]:
    """The hostile table and its harmless twin, read by the real ingest."""
    return (
        _make(owner, "<b>\"; DROP 'x'</b>", NAMES, {word: word for word in (*TOWNS, *SEXES)}),
        _make(owner, "twin", {name: name for name in NAMES}, {**_harmless(TOWNS), **_harmless(SEXES)}),
    )


def _harmless(words: tuple[str, ...]) -> dict[str, str]:
    """Words of the same lengths and in the same order."""
    ordered = sorted(words)
    return {word: "abcdefgh"[place].ljust(len(word), "z") for place, word in enumerate(ordered)}


def _make(owner: User, name: str, names: dict[str, str], words: dict[str, str]) -> Twin:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names.values())
    writer.writerows(_row(n, words) for n in range(N_ROWS))
    kept = {key: value[:200] for key, value in names.items()}
    dataset: Dataset = make_dataset(
        owner, name=name, csv=text.getvalue(), kinds={kept[key]: kind for key, kind in KINDS.items()}
    )
    assert [column.name for column in dataset.versions[0].profile.columns] == list(kept.values())
    return Twin(path=f"/datasets/{dataset.id}", names=kept, words=words)


def _row(n: int, words: dict[str, str]) -> list[Any]:
    """A row of values that depend on each other, each category of another number of rows."""
    town = next(place for place in range(8) if n % 36 < (place + 1) * (place + 2) // 2)
    sex = "" if n % 31 == 7 else words[SEXES[n % 5 % 2]]
    mass = "" if n % 29 == 3 else 3000 + 37 * n % 911 + 40 * town
    note = f"{n:03} {words[TOWNS[n % 7]]}"
    return [words[TOWNS[town]], sex, mass, f"{n * 13 % 101}.25", f"{n % 90 - 30}.5", f"{n % 60 - 10}.25",
            f"{1965 + n // 30}-{n % 12 + 1:02}-{n % 28 + 1:02}", str(n % 3 == 1).lower(), note]  # fmt: skip


class _Reader(HTMLParser):
    """Collects what a page would run, its forms with their fields, and its links."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.forms: list[tuple[str, str, list[tuple[str, str]]]] = []
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.faults += [f"{tag} {name}" for name in found if name.startswith("on") or name == "srcdoc"]
        address = (found.get("href") or found.get("src") or "").strip().lower()
        if address.startswith(("javascript:", "vbscript:")) or address == "x":
            self.faults.append(f"{tag} {address}")
        if tag == "script" and not found.get("src", "").startswith("/static/"):
            self.faults.append("script")
        if tag == "form":
            self.forms.append((found.get("method", "get").lower(), found.get("action", ""), []))
        if found.get("name") and self.forms and tag in ("input", "select", "textarea", "button"):
            self.forms[-1][2].append((found["name"], found.get("value", "")))
        if tag == "a" and "href" in found:
            self.links.append(found["href"])


def read(answer: TestResponse) -> _Reader:
    """What a page would run, its forms and its links."""
    return _Reader(answer.text)


def assert_harmless(answer: TestResponse, asked: Any = "") -> None:
    """Find neither an error of ours nor anything that a browser would run."""
    assert answer.status_code in (200, 204, 302, 400, 404, 422), (answer.status_code, asked)
    assert "Traceback" not in answer.text, asked
    assert not any("pwned" in name.lower() for name in dict(answer.headers)), asked
    if answer.mimetype == "text/html":
        assert read(answer).faults == [], asked
    elif answer.status_code == 422:
        said = answer.get_json()
        assert any(said.get(part) for part in ("error", "errors", "detail")), asked
