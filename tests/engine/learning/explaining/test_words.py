"""Words of a text: what the answer loses when one of them is left out."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest

from beanft.engine.learning.explaining import words as explaining_words
from beanft.engine.learning.explaining.mixing import Mixer
from beanft.engine.learning.explaining.words import words_that_count
from beanft.engine.learning.serving.rows import code_rows, predict_rows
from engine.learning.serving.bags import bag, model, table

NOTE = "calm near loud near far unheard-of"


def row(note: str | None) -> pd.DataFrame:
    return table(9, seed=1).iloc[[3]].assign(note=note)


def words(made: dict[str, Any], note: str | None, place: int | None, most: int = 99) -> Any:
    return told(made, note, place, most)["words"]


def told(made: dict[str, Any], note: str | None, place: int | None, most: int = 99) -> dict[str, Any]:
    coder = made["estimator"].coder
    return words_that_count(Mixer(made).predict, code_rows(made, row(note)), coder.words_, place, most=most)


@pytest.mark.parametrize(("learner", "n_classes"), [("ridge", 0), ("boosting", 0), ("logistic", 3)])
def test_a_word_counts_what_an_unknown_one_of_its_length_takes_away(learner: str, n_classes: int) -> None:
    made, place = model(bag(learner, n_classes), n_classes), 2 if n_classes else None
    found = words(made, NOTE, place)
    assert {one["column"] for one in found} == {"note"}
    assert [abs(one["value"]) for one in found] == sorted((abs(one["value"]) for one in found), reverse=True)

    def said(note: str) -> float:
        return float(
            predict_rows(made, row(note))[0] if place is None else predict_rows(made, row(note))[0, place]
        )

    for one in found:
        without = re.sub(rf"\b{one['word']}\b", "x" * len(one["word"]), NOTE)
        assert one["value"] == pytest.approx(said(NOTE) - said(without), rel=1e-6, abs=1e-9)


def test_the_word_that_makes_the_target_stands_first() -> None:
    first = words(model(bag("ridge", 0), 0), NOTE, None)[0]
    assert (first["word"], first["value"] > 0) == ("calm", True)


def test_those_that_stand_there_most_often_are_tried_first() -> None:
    found = words(model(bag("ridge", 0), 0), NOTE, None, most=1)
    assert [one["word"] for one in found] == ["near"]


@pytest.mark.parametrize("note", [None, "", "unheard-of", "!?"])
def test_a_text_without_known_words_has_none(note: str | None) -> None:
    assert words(model(bag("ridge", 0), 0), note, None) == []


def test_a_model_without_texts_has_none() -> None:
    made = model(bag("ridge", 0, names=("size", "colour")), 0)
    assert words(made, NOTE, None) == []


def test_what_was_not_tried_is_counted() -> None:
    made = model(bag("ridge", 0), 0)
    assert [told(made, NOTE, None, most)["n_words_tried"] for most in (2, 99)] == [2, 4]
    assert told(made, NOTE, None, 2)["n_words"] == 4


def test_a_very_long_text_takes_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    made = model(bag("ridge", 0), 0)
    monkeypatch.setattr(explaining_words, "_COUNTS", 8)
    assert told(made, NOTE, None)["n_words_tried"] == 2  # of 4 words: so many copies of 4 counts
