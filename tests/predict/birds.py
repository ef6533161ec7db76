"""A small table to learn from, with hostile names of columns."""

from __future__ import annotations

import csv
import io
import random

HOSTILE = ('q"u<b>o</b>te', "a[b]", "csrf_token", "matches", "children")
"""Names of columns that break forms which take names on trust."""
FEATURES = ("mass", "island", *HOSTILE, "ringed", "seen", "remark")


def table(n_rows: int = 120) -> list[dict[str, str]]:
    """Rows that can be learned from: the species and the length follow the mass."""
    chance = random.Random(1)
    return [_row(chance, i) for i in range(n_rows)]


def _row(chance: random.Random, i: int) -> dict[str, str]:
    heavy = i % 2 == 0
    mass = (50 if heavy else 30) + chance.uniform(-8, 8)
    return {
        "mass": f"{mass:.1f}",
        "island": chance.choice(["Biscoe", "Dream", "Torgersen"]),
        **{name: chance.choice(["low", "high", "middle"]) for name in HOSTILE},
        "ringed": chance.choice(["yes", "no"]),
        "seen": f"2025-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
        "remark": " ".join(chance.choice(["calm", "loud", "old", "young", "far"]) for _ in range(4))
        + f" {i}",
        "species": "Gentoo" if heavy else "Adelie",
        "length": f"{mass * 2 + chance.uniform(-1, 1):.2f}",
    }


def written(rows: list[dict[str, str]], columns: tuple[str, ...] = FEATURES) -> bytes:
    """Rows as a CSV."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()


def read(content: bytes) -> list[list[str]]:
    """The rows of a CSV, its header first."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
