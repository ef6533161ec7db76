"""The task is found from the target, and a target that cannot be learned is refused in words."""

import pandas as pd
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.learning.target import check_target, keep_once, put_last
from beanft.engine.learning.task import class_refusal, find_task
from beanft.engine.tables.columns import Column


def column(**values):
    given = {"name": "grade", "kind": "number", "stored": "DOUBLE", "n_missing": 0, "n_distinct": 50}
    return Column(**(given | values))


def test_numbers_are_regression():
    assert find_task(column()).name == "regression"
    assert find_task(column(n_distinct=4, minimum=0.5, maximum=2.0)).name == "regression"


def test_few_whole_numbers_are_taken_for_classes_and_the_reason_says_so():
    found = find_task(column(n_distinct=3, minimum=1.0, maximum=3.0))
    assert found.name == "classification"
    assert found.reason.startswith("“grade” holds only 3 different numbers")
    assert "choose regression" in found.reason


CLAIMS = (("0", 7_394), ("1", 571), ("2", 31), ("3", 4))


def test_a_count_with_many_zeros_is_regression_and_the_reason_says_so():
    """The newcomer's claims were taken for classes, of which no model ever named any but 0."""
    found = find_task(column(stored="BIGINT", n_distinct=4, minimum=0.0, maximum=3.0, top=CLAIMS))
    assert found.name == "regression"
    assert found.reason == (
        "“grade” holds the whole numbers 0 to 3, most of them 0 and fewer of each larger one, as counts do, "
        "so this is regression."
    )
    assert any("choose classification if they name kinds" in one for one in found.notices)


@pytest.mark.parametrize(
    "top",
    [
        (("0", 900), ("1", 100)),
        (("0", 900), ("1", 80), ("3", 20)),
        (("0", 900), ("2", 80), ("1", 20)),
        (("1", 900), ("2", 80), ("3", 20)),
        (("0", 400), ("1", 350), ("2", 250)),
    ],
    ids=["two values", "a gap", "no falling", "none is 0", "0 is not most"],
)
def test_numbers_that_only_resemble_a_count_stay_classes(top):
    values = [float(value) for value, _ in top]
    told = {"n_distinct": len(top), "minimum": min(values), "maximum": max(values), "top": top}
    assert find_task(column(stored="BIGINT", **told)).name == "classification"


def test_a_count_whose_last_values_are_uneven_by_chance_is_one_still():
    top = (("0", 900), ("1", 80), ("2", 12), ("4", 3), ("3", 2))
    told = {"stored": "BIGINT", "n_distinct": 5, "minimum": 0.0, "maximum": 4.0, "top": top}
    assert find_task(column(**told)).name == "regression"


def test_rare_classes_are_ranked_by_a_metric_that_sees_their_chances():
    told = {"kind": "category", "stored": "VARCHAR", "n_distinct": 3}
    rare = find_task(column(**told, top=(("m", 195), ("f", 190), ("d", 15))))
    assert rare.metric == "log_loss"
    assert (
        "Only 3.8 % of the rows are “d”: hardly any model will ever say so, thus rank by log loss"
        in (rare.notices[0])
    )
    assert find_task(column(**told, top=(("m", 195), ("f", 190), ("d", 60)))).metric == ""
    assert find_task(column(**(told | {"n_distinct": 2}), top=(("m", 990), ("f", 10)))).metric == ""


def _margin(**values):
    told = {"name": "margin", "kind": "text", "stored": "VARCHAR", "almost": "number", "n_distinct": 2_130}
    top = (("1.1k", 20), ("-1.1k", 16), *((f"{i}k", 6) for i in range(18)))
    return column(**(told | {"top": top} | values))


def test_words_that_look_like_numbers_are_refused_with_the_rows_that_would_be_left():
    said = class_refusal(_margin(), 2_417)
    assert said.startswith("“margin” looks like numbers; read it as number on the page of its columns.")
    # 144 rows are listed; of the 163 that the other 2,110 values have over, all could be of 40 classes
    assert "Of its 2,417 rows at most 347 would be left" in said
    assert find_task(_margin()).reason.startswith("“margin” looks like numbers; read it as number")
    assert class_refusal(_margin(almost=""), 2_417) == ""
    assert class_refusal(_margin(n_distinct=20), 144) == ""


def test_a_training_refuses_words_that_are_numbers_with_the_exact_rows():
    words = [f"{i}.5" for i in range(300)] + ["1.1k"] * 6 + ["1.2k"] * 5
    with pytest.raises(EngineError, match=r"looks like numbers; read it as number .* only 11 rows of 311"):
        check_target(pd.Series(words, name="margin"), "text", "classification")
    names = [f"Anna {i}" for i in range(300)] + ["Bert"] * 26 + ["Carl"] * 15
    assert len(check_target(pd.Series(names, name="who"), "text", "classification").rows) == 41


def test_truth_values_and_words_are_classification():
    assert find_task(column(kind="boolean", stored="BOOLEAN", n_distinct=2)).name == "classification"
    assert find_task(column(kind="category", stored="BIGINT")).name == "classification"


@pytest.mark.parametrize(
    ("values", "task", "message"),
    [
        ([None] * 30, "classification", "has no value in any row"),
        (["a"] * 30, "classification", "is “a” in every row"),
        ([7.0] * 30, "regression", "is “7” in every row"),
        (["a", "b"] * 9, "classification", "Only 18 rows"),
        ([f"v{i}" for i in range(300)], "classification", "300 different values in 300 rows"),
        (["a"] * 30 + ["b"], "classification", "fewer than two of them have 5 rows"),
        ([f"v{i}" for i in range(1001)] * 5, "classification", "more than the 1,000 classes"),
        (["a", "b"] * 30, "regression", "Regression needs a target of numbers"),
        ([1e200, 1.0] * 30, "regression", "beyond 1e100"),
        (["a", "b"] * 30, "clustering", "no task “clustering”"),
    ],
)
def test_what_cannot_be_learned_is_refused(values, task, message):
    with pytest.raises(EngineError, match=message):
        check_target(pd.Series(values, name="y"), "category", task)


def test_dates_are_refused_as_a_target():
    with pytest.raises(EngineError, match="is a date"):
        check_target(pd.Series(pd.date_range("2024-01-01", periods=30), name="y"), "date", "regression")


def test_rows_without_a_target_are_counted():
    target = check_target(pd.Series(["a", "b", None] * 10, name="y"), "category", "classification")
    assert target.notes == ("10 rows have no value of “y” and took no part.",)
    assert target.rows.tolist() == [i for i in range(30) if i % 3 != 2]


def test_a_class_of_one_row_is_left_out_and_named():
    target = check_target(pd.Series(["a", "b"] * 15 + ["c"], name="y"), "category", "classification")
    assert target.labels == ("a", "b")
    assert "1 class of “y” has fewer than 5 rows (“c”): 1 row was left out" in target.notes[0]
    assert len(target.y) == 30


def test_number_classes_are_in_the_order_of_numbers():
    target = check_target(pd.Series([10.0, 9.0, 2.0] * 10, name="y"), "number", "classification")
    assert target.labels == ("2", "9", "10")
    assert target.y[:3].tolist() == [2, 1, 0]


def test_binary_multiclass_and_regression_are_named():
    assert "so this is binary classification." in find_task(column(kind="boolean", n_distinct=2)).reason
    assert "so this is multiclass classification." in find_task(column(kind="category", n_distinct=4)).reason
    assert "so this is regression." in find_task(column()).reason


def test_truth_values_are_called_as_their_owner_calls_them():
    values = pd.Series(["true", "false", None] * 20, name="y")
    target = check_target(values, "boolean", "classification", ("nein", "ja"))
    assert (target.labels, target.y[:2].tolist()) == (("nein", "ja"), [1, 0])
    assert check_target(values, "boolean", "classification").labels == ("false", "true")
    told = column(kind="boolean", n_distinct=2, labels=("nein", "ja"), top=(("false", 960), ("true", 40)))
    assert "4 % of the rows are “ja”" in find_task(told).notices[0]


def test_a_thousand_classes_are_taken():
    target = check_target(
        pd.Series([f"v{i}" for i in range(1000)] * 5, name="y"), "category", "classification"
    )
    assert len(target.labels) == 1000
    assert target.notes == ()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"stored": "BIGINT", "minimum": 0.0, "n_distinct": 90}, "as counts do"),
        ({"skewness": 6.0, "minimum": 0.0}, "Learners also try its logarithm"),
        ({"skewness": 6.0, "minimum": -3.0}, "a few are very large"),
        ({"skewness": -6.0}, "a few are very small"),
        ({"stored": "BIGINT", "n_distinct": 12, "minimum": 1.0}, "only 12 different numbers"),
        ({"n_missing": 1}, "1 row has no usable value"),
        ({"n_missing": 2, "n_infinite": 3}, "5 rows have no usable value"),
    ],
)
def test_what_is_peculiar_about_a_number_is_said(values, words):
    found = find_task(column(**values))
    assert found.name == "regression"
    assert words in " ".join(found.notices)


def test_numbers_below_zero_have_no_logarithm_and_no_counts():
    said = " ".join(find_task(column(stored="BIGINT", minimum=-3.0, skewness=6.0)).notices)
    assert "logarithm" not in said
    assert "counts" not in said


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"n_distinct": 3, "top": (("a", 60), ("b", 30), ("c", 2))}, "“c” has fewer than 5 rows"),
        ({"n_distinct": 4, "top": (("a", 60), ("b", 30), ("c", 2), ("d", 1))}, "such as “c”, “d”"),
        ({"n_distinct": 2, "top": (("no", 970), ("yes", 30))}, "Only 3 % of the rows are “yes”"),
        ({"n_distinct": 400}, "400 classes take longer"),
        ({"n_distinct": 4000}, "if more than 1,000 remain, the training will refuse them"),
    ],
)
def test_what_is_peculiar_about_classes_is_said(values, words):
    assert words in " ".join(find_task(column(kind="category", stored="VARCHAR", **values)).notices)


def test_a_plain_target_has_no_notices():
    plain = column(kind="category", stored="VARCHAR", n_distinct=2, top=(("a", 50), ("b", 50)))
    assert find_task(plain).notices == ()


def test_the_class_to_be_found_becomes_the_last_one():
    target = check_target(pd.Series(["ill", "well"] * 20, name="y"), "category", "classification")
    turned = put_last(target, "ill")
    assert (turned.labels, turned.y[:2].tolist()) == (("well", "ill"), [1, 0])
    assert put_last(target, "well") is target
    assert put_last(target, "") is target


@pytest.mark.parametrize(
    ("values", "message"),
    [(["a", "b"], "Choose “a” or “b”"), (["a", "b", "c"], "among two classes only")],
)
def test_a_class_that_is_not_one_of_two_cannot_be_the_one_to_be_found(values, message):
    target = check_target(pd.Series(values * 20, name="y"), "category", "classification")
    with pytest.raises(EngineError, match=message):
        put_last(target, "z")


def test_repeated_rows_take_part_once():
    table = pd.DataFrame({"a": [*range(30), *range(15)], "target": None})
    target = check_target(pd.Series([float(i % 30) for i in range(45)], name="y"), "number", "regression")
    kept = keep_once(target, table)
    assert kept.rows.tolist() == list(range(30))
    assert kept.y.tolist() == [float(i) for i in range(30)]
    assert kept.notes[-1].startswith("15 rows repeat another one")


def test_equal_rows_with_another_target_are_no_repetition():
    target = check_target(pd.Series(["x", "y"] * 20, name="y"), "category", "classification")
    assert len(keep_once(target, pd.DataFrame({"a": range(40)})).rows) == 40
    with pytest.raises(EngineError, match="too few are left to learn from"):
        keep_once(target, pd.DataFrame({"a": [1] * 40}))
