"""Tables that break others: a model or a sentence, never another exception."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.learning import files
from beanft.engine.learning.evidence import read_rows
from beanft.engine.learning.predict import predict_rows
from beanft.engine.learning.train import train
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.read import ingest
from engine.learning.conftest import Listener

pytestmark = [pytest.mark.usefixtures("one_each"), pytest.mark.slow]

CLASSIFIERS = ["naive_bayes", "logistic", "extra_trees", "lightgbm"]
REGRESSORS = ["ridge", "extra_trees", "lightgbm"]
RANDOM = np.random.default_rng(0)


def learn(
    folder: Path,
    header: Sequence[str],
    rows: Sequence[Sequence[object]],
    target: str,
    *,
    task: str = "classification",
    kinds: dict[str, str] | None = None,
    learners: Sequence[str] = (),
    budget_s: float = 300,
) -> tuple[dict[str, Any], Listener]:
    """Upload a table, train on all its columns, and see to it that what is final predicts the table."""
    source, table = folder / "table.csv", folder / "table.parquet"
    with source.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([header, *rows])
    wishes = {"columns": {name: {"kind": kind} for name, kind in (kinds or {}).items()}}
    facts = ingest(source=str(source), target=str(table), original_name="table.csv", wishes=wishes)
    names = [column["name"] for column in facts["profile"]["columns"]]
    target = names[list(header).index(target)]  # a name that DuckDB keeps for itself was given another
    listener = Listener()
    result = train(
        table=str(table),
        table_sha256=facts["parquet_sha256"],
        profile=facts["profile"],
        target=target,
        features=[name for name in names if name != target],
        task=task,
        learners=list(learners) or (CLASSIFIERS if task == "classification" else REGRESSORS),
        folder=str(folder),
        budget_s=budget_s,
        n_variations=0,
        choices={"validation": {"folds": 3}},  # quicker than the eight that small tables get
        cores=2,
        progress=listener,
    )
    if result["final"]:
        check_final(folder, table, Profile.from_dict(facts["profile"]), listener.run(result["final"]))
    return result, listener


def check_final(folder: Path, table: Path, profile: Profile, run: dict[str, Any]) -> None:
    """The model kept gives finite numbers for every row of its table."""
    model = files.load(folder / run["file"], run["sha256"])
    columns = [column["name"] for column in model["schema"]]
    frame = read_rows(table, profile, columns, np.arange(profile.n_rows))
    assert np.isfinite(predict_rows(model, frame)).all()


def labels(n: int) -> list[str]:
    return ["yes" if n % 3 else "no" for n in range(n)]


def numbers(n: int) -> list[str]:
    return [f"{value:.4f}" for value in RANDOM.normal(size=n)]


# Too little


@pytest.mark.parametrize(
    ("header", "rows", "words"),
    [
        (["a", "label"], [["1", "yes"], ["2", "no"]], "fewer than two of them have 5 rows|at least 20"),
        (["label"], [[one] for one in labels(60)], "No column is left to learn from"),
        (["a", "label"], [[one, "yes"] for one in numbers(60)], "is “yes” in every row"),
        (["a", "label"], [["7", one] for one in labels(60)], "No column is left to learn from"),
        (["a", "label"], [["", one] for one in labels(60)], "No column is left to learn from"),
        (["a", "label"], [[one, ""] for one in numbers(60)], "has no value in any row"),
        (["a", "label"], [[one, f"k{n}"] for n, one in enumerate(numbers(60))], "fewer than two of them"),
    ],
)
def test_too_little_to_learn_is_said_in_a_sentence(tmp_path, header, rows, words):
    with pytest.raises(EngineError, match=words):
        learn(tmp_path, header, rows, "label")


def test_two_rows_of_numbers_are_too_few(tmp_path):
    with pytest.raises(EngineError, match="at least 20 are needed"):
        learn(tmp_path, ["a", "b"], [["1", "2.5"], ["2", "3.5"]], "b", task="regression")


# Awkward targets


def test_a_thousand_classes(tmp_path):
    n = 5_000
    rows = [[a, b, f"class {i % 1_000}"] for i, (a, b) in enumerate(zip(numbers(n), numbers(n), strict=True))]
    result, listener = learn(
        tmp_path, ["a", "b", "label"], rows, "label", learners=["naive_bayes", "boosting"], budget_s=10
    )
    assert len(result["labels"]) == 1_000
    assert listener.run("baseline")["state"] == "ready"
    assert result["verdict"]["code"] != "better"
    for run in listener.runs:
        assert run["state"] == "ready" or run["error"].endswith(".")


def test_a_target_with_missing_values_leaves_these_rows_out(tmp_path):
    values = [one if n % 4 else "" for n, one in enumerate(labels(120))]
    result, _ = learn(tmp_path, ["a", "label"], list(zip(numbers(120), values, strict=True)), "label")
    assert result["n_rows"] == 90
    assert "30 rows have no value of “label” and took no part." in result["notes"]
    assert result["final"]


def test_an_infinite_target_takes_no_part(tmp_path):
    values = numbers(80)
    values[3], values[9] = "inf", "-inf"
    rows = list(zip(numbers(80), values, strict=True))
    kinds = {"y": "number"}
    result, _ = learn(tmp_path, ["a", "y"], rows, "y", task="regression", kinds=kinds)
    assert result["n_rows"] == 78
    assert result["final"]


def test_a_class_in_one_row_and_one_in_nearly_all(tmp_path):
    values = ["rare"] + ["odd"] * 6 + ["usual"] * 113
    result, _ = learn(tmp_path, ["a", "label"], list(zip(numbers(120), values, strict=True)), "label")
    assert result["labels"] == ["odd", "usual"]
    assert any("rare" in note for note in result["notes"])


# Awkward columns


def test_a_column_without_values_is_left_out(tmp_path):
    rows = [[a, "", label] for a, label in zip(numbers(80), labels(80), strict=True)]
    result, _ = learn(tmp_path, ["a", "empty", "label"], rows, "label")
    assert "“empty” has no values and was left out." in result["notes"]
    assert result["final"]


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_infinite_and_huge_values_do_not_stop_it(tmp_path, task):
    a, b = numbers(100), numbers(100)
    a[0], a[1], a[2], b[5], b[6] = "inf", "-inf", "NaN", "1e300", "-1e300"
    rows = [list(row) for row in zip(a, b, numbers(100), labels(100), strict=True)]
    target = "label" if task == "classification" else "y"
    kinds = {"a": "number", "b": "number"}
    result, listener = learn(tmp_path, ["a", "b", "y", "label"], rows, target, task=task, kinds=kinds)
    assert result["final"]
    assert [run["error"] for run in listener.runs] == [None] * len(listener.runs)


HOSTILE = [
    "a",
    "a",
    "",
    "",
    "   ",
    "__proto__",
    "'; DROP TABLE x; --",
    '"quoted" [name], {json: "x"}',
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "n" * 300,
    "élan 数据 🚀",
    "=1+1",
    "index",
    "__row__",
    "rowid",
]


def test_names_that_repeat_are_empty_or_hostile(tmp_path):
    columns = [numbers(80) for _ in HOSTILE]
    rows = [[*cells, label] for *cells, label in zip(*columns, labels(80), strict=True)]
    result, listener = learn(tmp_path, [*HOSTILE, "label"], rows, "label")
    assert result["final"]
    assert {run["state"] for run in listener.runs} == {"ready"}
    assert len(listener.run("baseline")["schema"]["columns"]) == len(HOSTILE)


@pytest.mark.parametrize("name", ["'; DROP TABLE x; --", "<b>", "rowid", "__row__", "a%sb{0}"])
def test_a_target_with_a_hostile_name(tmp_path, name):
    rows = list(zip(numbers(60), labels(60), strict=True))
    result, _ = learn(tmp_path, ["a", name], rows, name, learners=["naive_bayes"])
    assert result["final"]


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_only_dates(tmp_path, task):
    days = [f"2024-{1 + n % 12:02d}-{1 + n % 28:02d}" for n in range(120)]
    moments = [f"2023-05-{1 + n % 28:02d} {n % 24:02d}:{n % 60:02d}:00" for n in range(120)]
    values = labels(120) if task == "classification" else numbers(120)
    rows = list(zip(days, moments, values, strict=True))
    result, _ = learn(tmp_path, ["day", "moment", "y"], rows, "y", task=task)
    assert result["final"]


def remarks(n: int, n_words: int) -> list[str]:
    words = [f"word{i}" for i in range(n_words)]
    return [" ".join(RANDOM.choice(words, 6)) + f" {i}" for i in range(n)]


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_only_text(tmp_path, task):
    values = labels(150) if task == "classification" else numbers(150)
    rows = list(zip(remarks(150, 40), values, strict=True))
    result, _ = learn(tmp_path, ["remark", "y"], rows, "y", task=task, kinds={"remark": "text"})
    assert result["final"]


def test_text_in_which_no_word_occurs_twice(tmp_path):
    texts = [f"alpha{n} beta{n} gamma{n}" for n in range(100)]
    rows = list(zip(texts, labels(100), strict=True))
    result, _ = learn(tmp_path, ["remark", "y"], rows, "y", kinds={"remark": "text"})
    assert result["final"]


def test_a_text_of_three_thousand_different_values(tmp_path):
    n = 3_000
    rows = list(zip(remarks(n, 400), numbers(n), labels(n), strict=True))
    result, listener = learn(
        tmp_path, ["remark", "a", "y"], rows, "y", kinds={"remark": "text"}, learners=["logistic"]
    )
    assert result["final"]
    assert listener.run("logistic")["state"] == "ready"


def test_a_category_with_a_level_for_every_row(tmp_path):
    rows = [[f"c{n}", a, label] for n, (a, label) in enumerate(zip(numbers(150), labels(150), strict=True))]
    result, _ = learn(tmp_path, ["code", "a", "y"], rows, "y", kinds={"code": "category"})
    assert result["final"]
    assert result["verdict"]["code"] != "better"


def test_two_columns_that_say_the_same(tmp_path):
    a = numbers(100)
    rows = list(zip(a, a, a, numbers(100), strict=True))
    result, listener = learn(tmp_path, ["a", "b", "c", "y"], rows, "y", task="regression")
    assert result["final"]
    assert {run["state"] for run in listener.runs} == {"ready"}


def test_a_column_that_is_the_target(tmp_path):
    values = labels(120)
    rows = list(zip(values, numbers(120), values, strict=True))
    result, _ = learn(tmp_path, ["copy", "a", "y"], rows, "y")
    assert result["verdict"]["too_good"] is True
    assert result["final"]
