"""A table with all that makes reading hard, and small trainings on it."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from beanft.engine.learning import files
from beanft.engine.learning.exports.recipe import Trained
from beanft.engine.learning.exports.vectors import vectors_of
from beanft.engine.learning.exports.wanted import Wanted
from beanft.engine.learning.train import train
from beanft.engine.progress import Progress
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.files import sha256_of
from beanft.engine.tables.read import ingest

LEARNERS = {
    "boosting": {"trees": 12, "leaf_rows": 3},
    "lightgbm": {"trees": 12, "leaf_rows": 3},
    "network": {"width": 6},
    "random_forest": {"trees": 10},
}


class Recorder(Progress):
    """Keeps the facts of the runs."""

    def __init__(self) -> None:
        self.runs: dict[str, dict[str, Any]] = {}

    def record(self, facts: dict[str, Any]) -> None:
        if facts["part"] == "run":
            self.runs[facts["key"]] = facts


def german_csv(n_rows: int = 130) -> bytes:
    """Decimal commas, days before months, yes and no, blanks, a title above the header, not in UTF-8."""
    chance = random.Random(3)
    lines = ["Messungen der Vögel", "Größe;Gewicht;Insel;beringt;gesehen;Notiz;Art"]
    for i in range(n_rows):
        size = 40 + 10 * (i % 3) + chance.uniform(-4, 4)
        island = chance.choice(["Föhr", "Sylt", "Amrum; Süd", "n/a"])
        cells = [
            f"{size:.{2 + i % 2}f}".replace(".", ","),  # 43,506 and 43,51: with a point one would be 43506
            "" if i % 17 == 0 else f"{1000 + size * 20:.1f}".replace(".", ","),
            f'"{island}"' if ";" in island else island,
            chance.choice(["ja", "nein"]),
            f"{chance.randint(1, 28):02}.{chance.randint(1, 12):02}.2025",
            " ".join(chance.choice(["ruhig", "laut", "alt", "jung", "fern", "nah"]) for _ in range(5))
            + f" {i}",
            ["Möwe", "Star", "Uhu"][i % 3],
        ]
        lines.append(";".join(cells))
    return ("\r\n".join(lines) + "\r\n").encode("cp1252")


def trained_on(folder: Path, content: bytes, **asked: Any) -> Wanted:
    """Train on a table, and ask for files of the model that is recommended."""
    (folder / "original").write_bytes(content)
    found = ingest(
        source=str(folder / "original"),
        target=str(folder / "table.parquet"),
        original_name="birds.csv",
        wishes={"columns": {"Notiz": {"kind": "text"}}},
    )
    profile = Profile.from_dict(found["profile"])
    recorder = Recorder()
    result = train(
        table=str(folder / "table.parquet"),
        table_sha256=found["parquet_sha256"],
        profile=found["profile"],
        features=[column.name for column in profile.columns if column.name != asked["target"]],
        budget_s=300,
        n_variations=0,
        folder=str(folder),
        progress=recorder,
        **asked,
    )
    trained = Trained(
        folder=folder,
        table=folder / "table.parquet",
        profile=profile,
        runs=recorder.runs,
        weights=result["weights"],
        choices=asked.get("choices") or {},
    )
    return wanted_of(trained, result["final"], found["parquet_sha256"])


def wanted_of(trained: Trained, key: str, parquet_sha256: str) -> Wanted:
    """Ask for files of one of the models."""
    facts, original = trained.runs[key], trained.folder / "original"
    model = files.load(trained.folder / facts["file"], facts["sha256"])
    return Wanted(
        trained=trained,
        key=key,
        model=model,
        rows=vectors_of(
            folder=trained.folder,
            key=key,
            model=model,
            sha256=facts["sha256"],
            table=trained.table,
            profile=trained.profile,
        ).rows,
        original=original,
        source={
            "name": "birds.csv",
            "sha256": sha256_of(original),
            "parquet_sha256": parquet_sha256,
        },
        threshold=None,
        title=f"Art by {facts['title']}",
    )
