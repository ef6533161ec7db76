"""Small fits are timed, and tables of every sort get an estimate or a sentence."""

import math

import pytest

from beanft.engine.errors import EngineError
from beanft.engine.learning.choices import Choices, Validation
from beanft.engine.learning.pilot import estimate
from beanft.engine.tables.read import ingest


@pytest.fixture
def asked(tmp_path):
    """Ask for an estimate about a CSV; what is not said is as usual."""

    def ask(csv, target, **values):
        source, parquet = tmp_path / "table.csv", tmp_path / "table.parquet"
        source.write_text(csv, encoding="utf-8")
        profile = ingest(source=str(source), target=str(parquet), original_name="table.csv", wishes={})[
            "profile"
        ]
        target = target or profile["columns"][-1]["name"]  # a table of words may have no header
        names = [column["name"] for column in profile["columns"] if column["name"] != target]
        given = {"features": names, "task": "classification", "learners": ["naive_bayes"], "budget_s": 60}
        return estimate(table=str(parquet), profile=profile, target=target, seconds=2.0, **(given | values))

    return ask


def rows(*lines):
    return "\n".join(lines) + "\n"


def plain(n=200):
    return rows("a,b,y", *(f"{i % 17},{math.sin(i):.3f},{'yes' if i % 3 else 'no'}" for i in range(n)))


def test_learners_are_timed_and_runs_counted(asked):
    found = asked(plain(), "y", learners=["logistic", "naive_bayes"])
    assert [one["key"] for one in found["learners"]] == ["logistic", "naive_bayes"]
    assert all(one["seconds"] > 0 and one["memory_mb"] > 0 for one in found["learners"])
    assert (found["rows"], found["locked"], found["folds"]) == (200, 40, 8)
    assert found["width"] == 2
    assert found["n_runs"] == 2
    assert found["sentence"] == "In 60 seconds about 2 runs are likely: every learner once."


def test_what_the_owner_chose_counts(asked):
    chosen = Choices(validation=Validation(holdout=0.5, folds=4), settings={"logistic": {"penalty": 1.0}})
    found = asked(plain(), "y", learners=["logistic"], choices=chosen.to_dict())
    assert (found["locked"], found["folds"]) == (100, 4)


def test_rows_above_the_limit_are_sampled_and_said(asked):
    found = asked(plain(), "y", max_rows=150)
    assert found["rows"] == 150
    assert "Learning will use 150 of 200 rows." in found["warnings"]


def test_a_regression_is_timed_too(asked):
    found = asked(plain(), "b", task="regression", learners=["ridge"])
    assert found["learners"][0]["key"] == "ridge"
    assert found["n_runs"] == 1


def two(line, n=60):
    """Rows of a line, each with x or y at its end."""
    return [f"{line.format(i=i, day=1 + i % 28, month=1 + i % 12)},{'xy'[i % 2]}" for i in range(n)]


HOSTILE = {
    "missing target values": rows(
        "a,y", *(f"{i % 13},{'' if i % 4 else 'xy'[i % 8 // 4]}" for i in range(200))
    ),
    "a column without values": rows("a,b,y", *(f"{i % 7},,{'xy'[i % 2]}" for i in range(60))),
    "infinite values": rows("a,y", *(f"{'inf' if i % 5 else i},{'xy'[i % 2]}" for i in range(60))),
    "names that repeat": rows("a,a,y", *two("{day},{month}")),
    "names that are empty": rows(",,y", *two("{day},{month}")),
    "hostile names": rows('"""); DROP TABLE x;--",<script>,y', *two("{day},{month}")),
    "dates only": rows("d,e,y", *two("2024-01-{day:02d},2023-{month:02d}-01")),
    "text only": rows("t,y", *two("the walker {i} saw tree {day} and bird {month} there", 150)),
    "a thousand classes": rows("a,y", *(f"{i % 11},k{i % 1000}" for i in range(5_000))),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_tables_that_break_others_get_an_estimate(asked, name):
    found = asked(HOSTILE[name], "")
    assert found["sentence"].startswith("In 60 seconds about")
    assert found["width"] >= 1


REFUSED = {
    "two rows": (rows("a,y", "1,x", "2,z"), {}, "Fewer|fewer than two"),
    "one class": (rows("a,y", *(f"{i % 7},x" for i in range(60))), {}, "is “x” in every row"),
    "one column": (rows("y", *("xy"[i % 2] for i in range(60))), {}, "No column is left to learn from"),
    "no such column": (plain(), {"features": ["wings"]}, "no column “wings”"),
    "no such learner": (plain(), {"learners": ["ridge"]}, "no learner “ridge”"),
    "words as numbers": (plain(), {"task": "regression", "learners": ["ridge"]}, "needs a target of numbers"),
    "the target as groups": (
        plain(),
        {"choices": Choices(validation=Validation(by="group", column="y")).to_dict()},
        "is to be predicted",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_asked_is_refused_in_words(asked, name):
    csv, values, words = REFUSED[name]
    with pytest.raises(EngineError, match=words):
        asked(csv, "" if name == "one column" else "y", **values)
