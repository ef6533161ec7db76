"""Predictions for a file: the same numbers whatever the rows around, every cell kept as it came."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.learning import files, predict
from beanft.engine.learning.batch import predict_file
from beanft.engine.learning.inputs import check
from beanft.engine.learning.predict import predict_one

MODELS = ("logistic", "discriminant", "neighbours", "random_forest", "support_vectors")


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def scored(models, learner, table, folder, **choices):
    source, target = folder / "in.csv", folder / "out.csv"
    if isinstance(table, str):
        source.write_bytes(table.encode())
    else:
        table.to_csv(source, index=False)
    facts = predict_file(**models.model(learner), source=str(source), target=str(target), **choices)
    return facts, rows_of(target)


@pytest.fixture
def questions(flower_table):
    return flower_table.drop(columns="species")


@pytest.mark.parametrize("learner", MODELS)
def test_order_company_and_batch_change_no_prediction(
    flower_models, questions, tmp_path, monkeypatch, learner
):
    _, whole = scored(flower_models, learner, questions, tmp_path)
    by_sample = {row[9]: row for row in whole}
    assert whole[0][9] == "sample"
    mixed = questions.sample(frac=1, random_state=1)
    _, shuffled = scored(flower_models, learner, mixed, tmp_path)
    _, cut = scored(flower_models, learner, questions.iloc[77:81], tmp_path)
    for row in [*shuffled, *cut]:
        assert row == by_sample[row[9]]
    assert len(shuffled) == 151
    assert len(cut) == 5


def test_the_form_and_the_file_agree(flower_models, questions, tmp_path):
    _, written = scored(flower_models, "logistic", questions, tmp_path)
    model = flower_models.model("logistic")
    for i in (0, 60, 149):
        values = dict(zip(written[0][:10], written[i + 1][:10], strict=True))
        found = predict_one(file=model["model_file"], sha256=model["model_sha256"], values=values)
        assert found.value == written[i + 1][10]
        chances = dict(found.probabilities)
        assert [f"{chances[label]:.10g}" for label in ("setosa", "versicolor", "virginica")] == written[
            i + 1
        ][11:]


def test_the_file_keeps_every_cell_as_it_came(flower_models, tmp_path):
    header = "prediction,sepal length,sepal width,petal length,petal width,city,wet,day,code,remark\r\n"
    row = '=1+1, 05.10 ,3.5,"1,4",0.20,"Köln, Süd",yes,2024-01-05,k1,"two\nlines ""quoted"""\r\n'
    facts, written = scored(flower_models, "logistic", header + row * 2, tmp_path)
    assert written[1][:10] == [
        *("=1+1", " 05.10 ", "3.5", "1,4", "0.20", "Köln, Süd", "yes", "2024-01-05", "k1"),
        'two\nlines "quoted"',
    ]
    assert written[0][10:] == [
        "prediction 2",
        *(f"probability of {label}" for label in ("setosa", "versicolor", "virginica")),
    ]
    assert written[1][10] == "setosa"
    assert facts["n_rows"] == 2
    assert facts["preview"] == written[1:]
    assert facts["repair_counts"]["comma"] == 2


def test_safe_for_spreadsheets_disarms_formulas_but_not_numbers(flower_models, questions, tmp_path):
    table = questions.iloc[:1].assign(note="=cmd|' /C calc'!A0", change="-3")
    _, written = scored(flower_models, "logistic", table, tmp_path, safe_for_spreadsheets=True)
    assert written[1][10:12] == ["'=cmd|' /C calc'!A0", "-3"]


def test_cells_in_error_refuse_the_whole_file(flower_models, questions, tmp_path):
    table = questions.astype({"petal width": object})
    table.loc[[1, 4, 90, 91, 92, 93, 94], "petal width"] = "wide"
    with pytest.raises(EngineError) as refused:
        scored(flower_models, "logistic", table, tmp_path, original_name="new.csv")
    assert str(refused.value).startswith("“new.csv” was not predicted, because 7 cells could not be read. ")
    assert "Row 2, column “petal width”: “wide” is not a number." in str(refused.value)
    assert "Row 93, column" in str(refused.value)
    assert "2 more." in str(refused.value)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_missing_columns_refuse_the_file(flower_models, questions, tmp_path):
    with pytest.raises(EngineError, match="The column is missing: city"):
        scored(flower_models, "logistic", questions.drop(columns="city"), tmp_path)


def test_too_many_rows_and_none_are_refused(flower_models, questions, tmp_path):
    with pytest.raises(EngineError, match="more than 100 rows"):
        scored(flower_models, "logistic", questions, tmp_path, max_rows=100)
    with pytest.raises(EngineError):
        scored(flower_models, "logistic", questions.iloc[:0], tmp_path)


def test_unseen_categories_are_predicted_and_told(flower_models, questions, tmp_path):
    facts, written = scored(
        flower_models, "random_forest", questions.iloc[:3].assign(city="Rom", code="k999"), tmp_path
    )
    assert len(written) == 4
    assert facts["repair_counts"]["unknown"] == 6


def test_blocks_of_another_length_give_the_same_text(flower_models, questions, tmp_path, monkeypatch):
    _, whole = scored(flower_models, "random_forest", questions, tmp_path)
    monkeypatch.setattr(predict, "_BLOCK", 7)
    assert scored(flower_models, "random_forest", questions, tmp_path)[1] == whole


def test_regression_writes_numbers(trained, tmp_path):
    table = pd.DataFrame({"x": [float(i) for i in range(100)], "y": [2.0 * i + 1 for i in range(100)]})
    outcome = trained(table, "y", task="regression", learners=["linear"])
    (tmp_path / "p").mkdir()
    _, written = scored(outcome, "linear", "x\n10\n10.5\n\n", tmp_path / "p")
    assert written == [["x", "prediction"], ["10", "21"], ["10.5", "22"]]


@pytest.fixture
def worded(trained):
    """Models of a table in which “unknown” means missing, and “-” and “NA” are values."""
    n = range(120)
    table = pd.DataFrame(
        {
            "grade": [["-", "NA", "+", "unknown"][i % 4] for i in n],
            "size": ["unknown" if i % 6 == 0 else str(i % 17) for i in n],
            "remark": ["unknown" if i % 5 == 0 else "-" if i % 5 == 1 else f"tree {i} of {i % 3}" for i in n],
            "kind": [["a", "b"][i % 4 in (0, 3)] for i in n],
        }
    )
    own = ["unknown"]
    models = trained(
        table,
        "kind",
        kinds={"remark": "text"},
        missing=dict.fromkeys(("grade", "size", "remark"), own),
        learners=["logistic"],
    )
    return models, table.drop(columns="kind")


def test_the_owners_spellings_of_missing_mean_the_same_in_new_rows(worded, tmp_path):
    models, rows = worded
    model = models.model("logistic")
    schema = files.load(Path(model["model_file"]), model["model_sha256"])["schema"]
    new = check(list(rows.columns), rows.to_numpy().tolist(), schema).frame
    trained_on = pd.read_parquet(models.folder / "table.parquet")
    for name in rows.columns:
        then = [None if pd.isna(value) else value for value in trained_on[name]]
        assert [None if pd.isna(value) else value for value in new[name]] == then, name
    assert set(new["grade"].dropna()) == {"-", "NA", "+"}

    facts, written = scored(models, "logistic", rows, tmp_path)
    assert facts["repair_counts"] == {"missing": 30 + 20 + 24}
    _, blanked = scored(models, "logistic", rows.replace("unknown", ""), tmp_path)
    assert [row[3:] for row in blanked] == [row[3:] for row in written]
    for i in (0, 1, 4, 6, 7):
        values = dict(zip(written[0][:3], written[i + 1][:3], strict=True))
        found = predict_one(file=model["model_file"], sha256=model["model_sha256"], values=values)
        assert found.value == written[i + 1][3]
        assert sum(repair.code == "missing" for repair in found.repairs) == list(values.values()).count(
            "unknown"
        )
