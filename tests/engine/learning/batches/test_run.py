"""Predictions for a table: the same numbers whatever file, door and rows around, and every cell kept."""

import gzip
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.learning import files
from beanft.engine.learning.answering import answer_rows
from beanft.engine.learning.batches import sources
from beanft.engine.learning.batches.batch import Batch
from beanft.engine.learning.batches.run import predict_file
from beanft.engine.learning.inputs import check, check_records
from beanft.engine.learning.predict import predict_rows
from beanft.engine.tables.files import sha256_of
from engine.learning.conftest import train_frame
from workbooks import ods, xlsx

MODELS = ("logistic", "discriminant", "neighbours", "random_forest", "support_vectors")
LABELS = ("setosa", "versicolor", "virginica")
CHANCES = [f"probability of {label}" for label in LABELS]


def predicted(models, learner, source, target, *, observe=None, **choices):
    """Facts, and the rows written as columns of plain values."""
    batch = Batch(**models.model(learner), source=str(source), target=str(target), **choices)
    facts = predict_file(batch, observe=observe)
    return facts, pq.read_table(target).to_pydict()


def scored(models, learner, table, folder, **choices):
    source = folder / "in.csv"
    if isinstance(table, pd.DataFrame):
        table.to_csv(source, index=False)
    else:
        source.write_bytes(table.encode() if isinstance(table, str) else table)
    return predicted(models, learner, source, folder / "out.parquet", **choices)


def loaded(models, learner):
    model = models.model(learner)
    return files.load(Path(model["model_file"]), model["model_sha256"])


@pytest.fixture
def questions(flower_table):
    return flower_table.drop(columns="species")


def by_sample(written):
    names = [name for name in written if name != "row_number"]
    return {sample: [written[name][i] for name in names] for i, sample in enumerate(written["sample"])}


@pytest.mark.parametrize("learner", MODELS)
def test_order_company_and_blocks_change_no_prediction(
    flower_models, questions, tmp_path, monkeypatch, learner
):
    _, whole = scored(flower_models, learner, questions, tmp_path)
    expected = by_sample(whole)
    _, shuffled = scored(flower_models, learner, questions.sample(frac=1, random_state=1), tmp_path)
    monkeypatch.setattr(sources, "batch_rows", lambda *_: 64)
    _, cut = scored(flower_models, learner, questions.iloc[77:81], tmp_path)
    assert by_sample(shuffled) == expected
    assert by_sample(cut) == {sample: expected[sample] for sample in cut["sample"]}
    assert cut["row_number"] == [1, 2, 3, 4]


@pytest.mark.parametrize("learner", MODELS)
def test_form_file_and_json_give_the_same_bits(flower_models, questions, tmp_path, learner):
    _, written = scored(flower_models, learner, questions, tmp_path)
    opened = loaded(flower_models, learner)
    for i in (0, 9, 60, 149):
        texts = {name: written[name][i] for name in questions.columns}
        form = answer_rows(opened, check(list(texts), [list(texts.values())], opened["schema"]))
        typed = {name: None if pd.isna(value) else value for name, value in questions.iloc[i].items()}
        from_json = predict_rows(opened, check_records([typed], opened["schema"]).frame)[0]
        in_file = [written[name][i] for name in CHANCES]
        assert form.values == [written["prediction"][i]]
        assert form.predicted[0].tolist() == in_file == from_json.tolist()


def test_a_german_file_gives_the_same_bits_whatever_its_order(flower_models, questions, tmp_path):
    scaled = questions.assign(**{"sepal length": (questions["sepal length"] * 1000).round()})
    facts, plain = scored(flower_models, "logistic", scaled, tmp_path)
    german = scaled.assign(
        **{
            "sepal length": [f"{value:,.0f}".replace(",", ".") for value in scaled["sepal length"]],
            "petal width": [f"{value:.1f}".replace(".", ",") for value in scaled["petal width"]],
        }
    )
    german.loc[7, "sepal length"] += ",0"
    texts = german.to_csv(index=False, sep=";"), german.iloc[::-1].to_csv(index=False, sep=";")
    for text in texts:
        told, written = scored(flower_models, "logistic", text, tmp_path)
        chances = {
            sample: [written[name][i] for name in CHANCES] for i, sample in enumerate(written["sample"])
        }
        assert chances == {
            sample: [plain[name][i] for name in CHANCES] for i, sample in enumerate(plain["sample"])
        }
        assert len([note for note in told["notes"] if "its cells are written in that way" in note]) == 2
        assert told["repair_counts"] == facts["repair_counts"]


def test_what_is_said_of_a_row_is_written_beside_it(flower_models, questions, tmp_path):
    table = questions.assign(city="Rom").iloc[:5]
    facts, written = scored(flower_models, "logistic", table, tmp_path)
    opened = loaded(flower_models, "logistic")
    rows = [[written[name][i] for name in table.columns] for i in range(5)]
    answers = answer_rows(opened, check(list(table.columns), rows, opened["schema"]))
    assert written["warnings"] == answers.warning_words()
    assert all("unknown" in words for words in written["warnings"])
    assert facts["warning_counts"] == answers.counts()
    assert facts["repair_columns"]["unknown"]["city"] == 5
    assert facts["confidence_meaning"] == answers.confidence_meaning
    assert facts["why_no_interval"] == answers.why_not != ""


def test_the_file_keeps_every_cell_as_it_came(flower_models, tmp_path):
    header = "prediction,sepal length,sepal width,petal length,petal width,city,wet,day,code,remark,note\r\n"
    row = '=1+1, 05.10 ,3.5,"1,4",0.20,"Köln, Süd",yes,2024-01-05,k1,"two\nlines ""quoted""",\r\n'
    facts, written = scored(flower_models, "logistic", header + row * 2, tmp_path)
    kept = [written[name][1] for name in facts["columns"][:11]]
    assert kept[:5] == ["=1+1", " 05.10 ", "3.5", "1,4", "0.20"]
    assert kept[5:] == ["Köln, Süd", "yes", "2024-01-05", "k1", 'two\nlines "quoted"', None]
    assert facts["columns"][11:] == list(written)[11:]
    assert facts["added"]["prediction"] == "prediction 2"
    assert facts["added"]["probabilities"] == CHANCES
    assert facts["added"]["low"] is None
    assert written["prediction 2"] == ["setosa", "setosa"]
    assert (facts["n_rows"], facts["n_original"]) == (2, 11)
    assert any("“1,4” was read as 1.4" in note for note in facts["notes"])


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


def test_cells_in_error_count_as_missing_where_that_is_asked_for(flower_models, questions, tmp_path):
    table = questions.astype({"petal width": object})
    places = [1, 4, 90]
    empty = table.copy()
    table.loc[places, "petal width"], empty.loc[places, "petal width"] = "wide", None
    facts, read = {}, {}
    for name, one in (("unreadable", table), ("empty", empty)):
        folder = tmp_path / name
        folder.mkdir()
        facts[name], read[name] = scored(flower_models, "logistic", one, folder, unreadable_as_missing=True)
    assert read["unreadable"]["prediction"] == read["empty"]["prediction"]
    assert read["unreadable"]["petal width"][1] == "wide"  # what came is kept
    warned = [i for i, words in enumerate(read["unreadable"]["warnings"]) if "unreadable" in words.split()]
    assert warned == places
    assert facts["unreadable"]["warning_counts"]["unreadable"] == 3
    assert facts["unreadable"]["repair_columns"]["unreadable"] == {"petal width": 3}
    first = next(one for one in facts["unreadable"]["repairs"] if one["code"] == "unreadable")
    assert first["text"] == ("Row 2, column “petal width”: “wide” is not a number. It was taken as missing.")
    assert "unreadable" not in facts["empty"]["warning_counts"]


def test_missing_columns_refuse_the_file_even_then(flower_models, questions, tmp_path):
    with pytest.raises(EngineError, match="The column is missing: city"):
        scored(
            flower_models, "logistic", questions.drop(columns="city"), tmp_path, unreadable_as_missing=True
        )


def test_an_error_after_many_blocks_leaves_nothing(flower_models, questions, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "batch_rows", lambda *_: 64)
    table = questions.astype({"petal width": object})
    table.loc[149, "petal width"] = "wide"
    with pytest.raises(EngineError, match="Row 150, column “petal width”"):
        scored(flower_models, "logistic", table, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_missing_columns_refuse_the_file(flower_models, questions, tmp_path):
    with pytest.raises(EngineError, match="The column is missing: city"):
        scored(flower_models, "logistic", questions.drop(columns="city"), tmp_path)


def test_too_many_rows_and_none_are_refused(flower_models, questions, tmp_path):
    with pytest.raises(EngineError, match="more than 100 rows"):
        scored(flower_models, "logistic", questions, tmp_path, max_rows=100)
    with pytest.raises(EngineError):
        scored(flower_models, "logistic", questions.iloc[:0], tmp_path)


def test_rows_that_are_none_are_named_by_line(flower_models, questions, tmp_path):
    text = questions.to_csv(index=False).replace("\n5", "\n1,2,3\n5", 1)
    with pytest.raises(EngineError, match="line"):
        scored(flower_models, "logistic", text, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_rows_read_in_the_strict_way_are_heard_once(flower_models, questions, tmp_path, monkeypatch):
    _, expected = scored(flower_models, "logistic", questions, tmp_path)
    quick, heard = sources.rows_of, []

    def broken(place, upload):
        rows = quick(place, upload)
        monkeypatch.setattr(type(rows), "sql", property(lambda _: "no_such_function()"))
        return rows

    def begin():
        heard.append(0)

        def observe(checked, _):
            heard[-1] += checked.n_rows

        return observe

    monkeypatch.setattr(sources, "rows_of", broken)
    real = sources.strict_rows

    def strict(place, upload):
        monkeypatch.undo()
        return real(place, upload)

    monkeypatch.setattr(sources, "strict_rows", strict)
    _, written = scored(flower_models, "logistic", questions, tmp_path, observe=begin)
    assert written == expected
    assert heard == [0, 150]


def test_the_true_target_is_kept_and_told(flower_models, flower_table, tmp_path):
    facts, written = scored(flower_models, "logistic", flower_table, tmp_path)
    assert facts["truth"] == "species"
    assert facts["has_truth"]
    assert written["species"] == flower_table["species"].tolist()


@pytest.fixture(scope="module")
def worded(tmp_path_factory):
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
    models = train_frame(
        table,
        tmp_path_factory.mktemp("worded"),
        "kind",
        kinds={"remark": "text"},
        missing={name: ["unknown"] for name in ("grade", "size", "remark")},
        learners=["logistic"],
    )
    return models, table.drop(columns="kind")


def test_rows_are_answered_at_the_threshold_that_was_chosen_and_the_notes_say_so(worded, tmp_path):
    models, table = worded
    usual, found = scored(models, "logistic", table, tmp_path)
    chances = found["probability of b"]
    cut = sorted(chances)[len(chances) // 4]
    facts, chosen = scored(models, "logistic", table, tmp_path, threshold={"threshold": cut, "positive": "b"})
    assert chosen["prediction"] == ["b" if chance >= cut else "a" for chance in chances]
    assert chosen["prediction"] != found["prediction"]
    assert chosen["probability of b"] == chances
    assert len(facts["notes"]) == len(usual["notes"]) + 1
    other, same = scored(models, "logistic", table, tmp_path, threshold={"threshold": cut, "positive": "z"})
    assert (same["prediction"], other["notes"]) == (found["prediction"], usual["notes"])


def test_a_header_that_looks_like_a_row_is_known_by_the_model(worded, tmp_path):
    facts, found = scored(
        worded[0], "logistic", "remark,size,grade\nsmall oak,unknown,+\nold elm,unknown,-\n", tmp_path
    )
    assert facts["n_rows"] == 2
    assert found["remark"] == ["small oak", "old elm"]


@pytest.fixture(scope="module")
def national(tmp_path_factory):
    """A model of about y = x, learned from a file with decimal commas and points between thousands."""
    numbers = [1000 + 7 * (i % 60) + 0.5 for i in range(120)]
    texts = [f"{n:,.1f}".translate(str.maketrans(",.", ".,")) for n in numbers]
    table = pd.DataFrame({"x": texts, "y": [n + i * 37 % 11 for i, n in enumerate(numbers)]})
    return train_frame(
        table, tmp_path_factory.mktemp("national"), "y", task="regression", learners=["linear"]
    )


def test_a_national_file_gives_the_same_as_its_own_numbers(national, tmp_path):
    """1.234 is a thousand in the file that was learned from, and one and a bit in a workbook or JSON."""
    _, text = scored(national, "linear", "x;note\n1.234;a\n1234;b\n1.234,0;c\n", tmp_path)
    assert len(set(text["prediction"])) == 1
    assert text["x"] == ["1.234", "1234", "1.234,0"]
    for source in (
        xlsx(tmp_path / "a.xlsx", {"S": [["x", "n"], [1.234, "a"], [1234, "b"]]}),
        written(tmp_path / "a.jsonl", b'{"x": 1.234}\n{"x": 1234}\n'),
    ):
        _, typed = predicted(national, "linear", source, tmp_path / "out.parquet")
        assert typed["prediction"][1] == text["prediction"][1]
        assert typed["prediction"][0] != text["prediction"][0]
    opened = loaded(national, "linear")
    asked = predict_rows(opened, check_records([{"x": 1.234}, {"x": 1234}], opened["schema"]).frame)
    assert asked.tolist() == typed["prediction"]


def written(path, content):
    path.write_bytes(content)
    return path


def zst(content):
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "zstd") as stream:
        stream.write(content)
    return out.getvalue().to_pybytes()


def formats(table, folder):
    """The same table in every format that ingest takes."""
    text = table.to_csv(index=False)
    cells = [list(table.columns), *table.astype(object).where(table.notna(), None).to_numpy().tolist()]
    lines = table.to_json(orient="records", lines=True, force_ascii=False)
    archive = folder / "a.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.csv", text)
    table.to_parquet(folder / "a.parquet")
    feather.write_feather(pa.Table.from_pandas(table), folder / "a.feather")
    yield from (archive, folder / "a.parquet", folder / "a.feather")
    yield written(folder / "a.tsv", table.to_csv(index=False, sep="\t").encode())
    yield written(folder / "utf16.csv", text.encode("utf-16"))
    yield written(folder / "latin.csv", table.to_csv(index=False, sep=";").encode("cp1252"))
    yield written(folder / "crlf.csv", text.replace("\n", "\r\n").encode("utf-8-sig"))
    yield written(folder / "a.csv.gz", gzip.compress(text.encode()))
    yield written(folder / "a.csv.zst", zst(text.encode()))
    yield written(folder / "a.jsonl", lines.encode())
    yield xlsx(folder / "a.xlsx", {"Notes": [["nothing"]], "Data": cells})
    yield ods(folder / "a.ods", {"Data": cells})


def test_every_format_gives_the_same_bits(flower_models, questions, tmp_path):
    table = questions.head(40)
    _, expected = scored(flower_models, "random_forest", table, tmp_path)
    added = ["prediction", *CHANCES, "set", "confidence", "warnings", "row_number"]
    labels = set()
    for path in formats(table, tmp_path):
        sheet = "Data" if path.suffix in (".xlsx", ".ods") else ""
        facts, found = predicted(
            flower_models,
            "random_forest",
            path,
            tmp_path / "out.parquet",
            original_name=path.name,
            sheet=sheet,
        )
        assert {name: found[name] for name in added} == {name: expected[name] for name in added}, path.name
        assert list(found)[:10] == list(table.columns)
        assert facts["n_rows"] == 40
        labels.add(facts["label"])
        assert not list(tmp_path.glob("*.part"))
    assert {"Excel workbook", "Parquet file", "JSON lines", "CSV in a gzip archive"} <= labels


def test_a_datasets_table_keeps_its_types(flower_models, questions, tmp_path):
    _, expected = scored(flower_models, "logistic", questions, tmp_path)
    source = flower_models.folder / "table.parquet"
    model = flower_models.model("logistic")
    facts = predict_file(
        Batch(
            **model,
            source=str(source),
            source_sha256=sha256_of(source),
            target=str(tmp_path / "o.parquet"),
            kind="dataset",
        )
    )
    found = pq.read_table(tmp_path / "o.parquet")
    assert found["probability of setosa"].to_pylist() == expected["probability of setosa"]
    assert found.schema.field("petal width").type == pa.float64()
    assert pa.types.is_date(found.schema.field("day").type) or pa.types.is_timestamp(
        found.schema.field("day").type
    )
    assert facts["truth"] == "species"
    with pytest.raises(EngineError, match="damaged"):
        predict_file(
            Batch(**model, source=str(source), source_sha256="0", target=str(tmp_path / "x"), kind="dataset")
        )


def test_numbers_come_with_their_intervals(national, tmp_path):
    facts, found = scored(national, "linear", "x\n1010\n1020,5\n\n", tmp_path)
    assert facts["columns"] == ["x", "prediction", "low", "high", "confidence", "warnings", "row_number"]
    assert found["prediction"] == pytest.approx([1015, 1025.5], abs=3)
    assert found["low"] == [None, None]
    assert facts["why_no_interval"]
    assert facts["spread"]["median"] == pytest.approx(1020.25, abs=3)
    known = {"folder": str(national.folder), "key": national.listener.runs[-1]["key"], "level": 0.8}
    model, source, target = national.model("linear"), str(tmp_path / "in.csv"), str(tmp_path / "out.parquet")
    facts = predict_file(Batch(**model, source=source, target=target, **known))
    found = pq.read_table(target).to_pydict()
    assert facts["why_no_interval"] == ""
    assert all(
        low < value < high
        for low, value, high in zip(found["low"], found["prediction"], found["high"], strict=True)
    )


HOSTILE = {
    "pickle.csv": pickle.dumps({"names": ["a", "b"], "rows": list(range(50))}),
    "wide.csv": b",".join(b"c%d" % i for i in range(10**6)) + b"\n" + b",".join([b"1"] * 10**6),
    "nothing.csv": b"",
    "header.csv": b"a,b\n",
    "page.csv": b"<!DOCTYPE html><html><body>no</body></html>",
    "cut.csv.gz": gzip.compress(b"a,b\n" + b"1,2\n" * 10_000)[:-30],
    "bomb.gz": gzip.compress(b"a,b\n" + b"1,2\n" * 10**7),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_with_a_sentence(flower_models, tmp_path, name):
    source = written(tmp_path / "original", HOSTILE[name])
    with pytest.raises(EngineError) as refused:
        predicted(
            flower_models, "logistic", source, tmp_path / "out.parquet", original_name=name, unpacked_mb=64
        )
    assert str(refused.value)[-1] == "."
    assert str(tmp_path) not in str(refused.value)
    assert [path.name for path in tmp_path.iterdir()] == ["original"]


def test_formulas_stay_text(flower_models, questions, tmp_path):
    table = questions.iloc[:1].assign(note="=cmd|' /C calc'!A0")
    _, found = scored(flower_models, "logistic", table, tmp_path)
    assert found["note"] == ["=cmd|' /C calc'!A0"]


def test_more_than_the_room_left_is_refused(flower_models, questions, tmp_path):
    with pytest.raises(EngineError, match="no room"):
        scored(flower_models, "logistic", questions, tmp_path, room_bytes=1000)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_the_owners_spellings_of_missing_mean_the_same_in_new_rows(worded, tmp_path):
    models, rows = worded
    schema = loaded(models, "logistic")["schema"]
    new = check(list(rows.columns), rows.to_numpy().tolist(), schema).frame
    trained_on = pd.read_parquet(models.folder / "table.parquet")
    for name in rows.columns:
        then = [None if pd.isna(value) else value for value in trained_on[name]]
        assert [None if pd.isna(value) else value for value in new[name]] == then, name
    assert set(new["grade"].dropna()) == {"-", "NA", "+"}

    facts, found = scored(models, "logistic", rows, tmp_path)
    assert facts["repair_counts"] == {"missing": 30 + 20 + 24}
    _, blanked = scored(models, "logistic", rows.replace("unknown", ""), tmp_path)
    assert list(blanked.items())[3:] == list(found.items())[3:]


_CHILD = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from beanft.engine.learning.batches.batch import Batch
from beanft.engine.learning.batches.run import predict_file

def peak():
    # ru_maxrss would begin with what the process that started this one had taken
    told = Path("/proc/self/status").read_text()
    return int(told.split("VmHWM:")[1].split()[0]) // 1024

peaks = []
for source in sys.argv[4:]:
    model = {"model_file": sys.argv[2], "model_sha256": sys.argv[3]}
    predict_file(Batch(**model, source=source, target=source + ".out"))
    peaks.append(peak())
print(*peaks)
"""


def test_four_times_the_rows_take_about_the_same_memory(national, tmp_path):
    model = national.model("linear")
    block = "".join(f"{1000 + i % 400},{'x' * 2500}\n" for i in range(1_000))
    few, many = (written(tmp_path / f"{n}.csv", ("x,note\n" + block * n).encode()) for n in (20, 80))
    site = Path(__file__).parents[4] / "site"
    command = [sys.executable, "-c", _CHILD, site, *model.values(), few, many]
    out = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True)
    first, second = map(int, out.stdout.split())
    assert pq.read_metadata(tmp_path / "80.csv.out").num_rows == 80_000
    assert second < 750, (first, second)  # some 590 MB are the most that any file takes
    assert second - first < 300, (first, second)  # the files have 50 and 200 MB
