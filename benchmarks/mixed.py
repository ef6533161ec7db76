"""Writes a CSV of any size like those that people have: 22 mixed columns, dirty in the usual ways."""

import random
from pathlib import Path

import numpy as np

COUNTRIES = ["Germany", "France", "Spain", "Côte d'Ivoire", "USA", "Brazil", '"Korea, Republic of"', "Japan"]
SEGMENTS = ["retail", "wholesale", "online", "partner"]
SENTENCE = (
    "the a red blue delivery late early customer said broken fine excellent poor box parcel café naïve "
    "Müller São returned price twice never arrived on time with great care but small dent near corner"
)
HEADER = (
    "id,created_at,order_date,ship_date_us,bill_date_eu,country,segment,price,qty,score,temperature,is_member,"
    "opt_in,zip_code,comment,customer_ref,weight_kg,views,rating,amount_usd,constant,all_missing"
)
TYPES = (
    *("BIGINT", "TIMESTAMP", "DATE", "DATE", "DATE", "VARCHAR", "VARCHAR", "DOUBLE", "BIGINT", "DOUBLE"),
    *("DOUBLE", "BOOLEAN", "VARCHAR", "VARCHAR", "VARCHAR", "VARCHAR", "DOUBLE", "BIGINT", "BIGINT"),
    *("VARCHAR", "VARCHAR", "VARCHAR"),
)
"""The type of each column for a bare typed COPY, which cannot read the two national date forms."""
NATIONAL = ("ship_date_us", "bill_date_eu")

_BLOCK = 50_000


def write_mixed(path: Path, *, mb: int = 0, rows: int = 0, seed: int = 7) -> int:
    """Write at least `mb` megabytes, or `rows` rows, and return the number of rows."""
    draw, comments = np.random.default_rng(seed), _comments()
    n_rows = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        size = file.write(HEADER + "\n")
        while n_rows < rows or size < mb * 1_000_000:
            n = min(_BLOCK, rows - n_rows) if rows else _BLOCK
            size += file.write(_block(draw, comments, n_rows + 1, n))
            n_rows += n
    return n_rows


def _comments() -> list[str]:
    """Sentences, some with quotes, commas and line breaks inside."""
    chance, words, found = random.Random(1), SENTENCE.split(), []
    for number in range(5000):
        text = " ".join(chance.choices(words, k=chance.randint(3, 16)))
        if number % 12 == 0:
            text = f'"He said ""{text}"", then left"'
        elif number % 25 == 0:
            text = f'"{text[: len(text) // 2]}\n{text[len(text) // 2 :]}"'
        found.append(text)
    return found


def _block(draw: np.random.Generator, comments: list[str], first: int, n: int) -> str:
    moments = draw.integers(1_500_000_000, 1_700_000_000, n).astype("datetime64[s]")
    days = moments.astype("datetime64[D]")
    shipped = [str(day) for day in days + draw.integers(0, 20, n)]
    billed = [str(day) for day in days + draw.integers(0, 40, n)]
    score = [f"{value:.3f}" for value in draw.normal(50, 15, n)]
    columns = [
        map(str, range(first, first + n)),
        (str(moment).replace("T", " ") for moment in moments),
        map(str, days),
        (f"{day[5:7]}/{day[8:]}/{day[:4]}" for day in shipped),
        (f"{day[8:]}.{day[5:7]}.{day[:4]}" for day in billed),
        _of(draw, COUNTRIES, n),
        _of(draw, SEGMENTS, n),
        (f"{value:.2f}" for value in draw.lognormal(3, 1, n)),
        _missing(draw, map(str, draw.poisson(4, n)), n, ["", "NA"], 0.06),
        _missing(draw, score, n, ["", "NA", "null", "?"], 0.1),
        (f"{value:.6f}" for value in draw.normal(20, 8, n)),
        _of(draw, ["true", "false"], n),
        _of(draw, ["Yes", "No", "No", "Yes", ""], n),
        (f"{value:05}" for value in draw.integers(0, 99_999, n)),
        _missing(draw, _of(draw, comments, n), n, [""], 0.3),
        (f"C{value:012x}" for value in draw.integers(0, 2**40, n)),
        (f"{value:.3e}" for value in draw.exponential(5, n)),
        map(str, (draw.pareto(1.2, n) * 10).astype("int64")),
        map(str, draw.integers(1, 6, n)),
        (f'"${value:,.2f}"' for value in draw.lognormal(7, 1.2, n)),
        ["K1"] * n,
        ["NA"] * n,
    ]
    return "".join(f"{','.join(cells)}\n" for cells in zip(*columns, strict=True))


def _of(draw, values, n):
    return [values[place] for place in draw.integers(0, len(values), n)]


def _missing(draw, texts, n, spellings, share):
    """Some of the texts replaced by spellings of nothing."""
    gone = draw.random(n) < share
    return [
        spellings[place % len(spellings)] if lost else text
        for place, (text, lost) in enumerate(zip(texts, gone, strict=True))
    ]
