"""The form filled in with a row of the table."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from beanft import storage
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.read import ingest
from beanft.extensions import db
from beanft.models import TrainedModel, Version
from beanft.predict.starts import known_sentence
from predict.birds import FEATURES, table, written

AS_JSON = {"Accept": "application/json"}
Told = dict[str, Any]


@pytest.fixture
def with_table(app: Flask, tmp_path: Path) -> Callable[[int], None]:
    """Gives the version of a model the table that it was trained on."""

    def give(model_id: int) -> None:
        with app.app_context():
            version: Version = db.session.get_one(TrainedModel, model_id).run.experiment.version
            folder, source = storage.make_folder(version.key), tmp_path / "birds.csv"
            source.write_bytes(written(table(), (*FEATURES, "species", "length")))
            found = ingest(
                source=str(source),
                target=str(folder / "table.parquet"),
                original_name="birds.csv",
                wishes={"columns": {"remark": {"kind": "text"}}},
            )
            version.profile_json, version.n_rows = found["profile"], 120
            Profile.from_dict(found["profile"])
            db.session.commit()

    return give


def test_the_fields_hold_the_row_and_the_page_says_what_became_of_it(
    as_alice: FlaskClient, species_model: int, with_table: Callable[[int], None]
):
    with_table(species_model)
    page = as_alice.get(f"/models/{species_model}/predict/rows/4")
    row = table()[3]
    assert page.status_code == 200
    assert f'value="{row["mass"]}" id="field-0"' in page.text
    assert f'<option value="{row["island"]}" selected>' in page.text
    assert f'value="{row["seen"]}" id="field-8"' in page.text
    assert f'<option value="{"true" if row["ringed"] == "yes" else "false"}" selected>' in page.text
    told = re.search(r'data-name="start">([^<]+)<', page.text)
    assert told
    assert html.unescape(told[1]).startswith("This is row 4 of ")
    facts = as_alice.get(f"/models/{species_model}/predict/rows/4", headers=AS_JSON).json
    assert facts is not None
    assert facts["start"]["row"] == 4
    assert facts["start"]["values"]["mass"] == row["mass"]


@pytest.fixture
def with_commas(app: Flask) -> Callable[[int], None]:
    """Makes the masses of a model numbers with decimal commas."""

    def give(model_id: int) -> None:
        with app.app_context():
            model = db.session.get_one(TrainedModel, model_id)
            mass, *others = model.schema_json["columns"]
            columns = [mass | {"format": "decimal comma", "example": 7.506}, *others]
            model.schema_json = dict(model.schema_json) | {"columns": columns}
            db.session.commit()

    return give


def test_a_row_of_a_table_with_decimal_commas_is_written_as_there(
    as_alice: FlaskClient,
    species_model: int,
    with_table: Callable[[int], None],
    with_commas: Callable[[int], None],
):
    with_table(species_model)
    with_commas(species_model)
    facts = as_alice.get(f"/models/{species_model}/predict/rows/4", headers=AS_JSON).json
    assert facts is not None
    assert facts["start"]["values"]["mass"] == table()[3]["mass"].replace(".", ",")
    page = as_alice.get(f"/models/{species_model}/predict").text
    assert 'value="7,506" id="field-0"' in page
    assert "data-comma" in page


def test_the_template_has_numbers_that_their_column_reads(
    as_alice: FlaskClient, species_model: int, with_commas: Callable[[int], None]
):
    with_commas(species_model)
    template = as_alice.get(f"/models/{species_model}/template.csv").text
    names, example = csv.reader(io.StringIO(template))
    assert dict(zip(names, example, strict=True))["mass"] == "7,506"


def test_a_row_by_its_number_and_one_by_chance(
    as_alice: FlaskClient, species_model: int, with_table: Callable[[int], None]
):
    with_table(species_model)
    address = f"/models/{species_model}/predict/rows"
    assert as_alice.get(f"{address}?row=7").headers["Location"].endswith("/predict/rows/7")
    assert as_alice.get(f"{address}?row=1,0").headers["Location"].endswith("/predict/rows/10")
    drawn = {as_alice.get(address).headers["Location"].rpartition("/")[2] for _ in range(20)}
    assert len(drawn) > 1
    assert all(1 <= int(row) <= 120 for row in drawn)


@pytest.mark.parametrize("row", ["abc", "-1", "1.5", "9" * 40, "²"])
def test_what_is_no_number_of_a_row_is_said(as_alice: FlaskClient, species_model: int, row: str):
    page = as_alice.get(f"/models/{species_model}/predict/rows", query_string={"row": row})
    assert page.status_code == 422
    assert "is no number of a row." in page.text


@pytest.mark.parametrize("row", [0, 121, 10**14])
def test_a_row_that_is_not_there_is_said(
    as_alice: FlaskClient, species_model: int, with_table: Callable[[int], None], row: int
):
    with_table(species_model)
    page = as_alice.get(f"/models/{species_model}/predict/rows/{row}")
    assert page.status_code == 404
    assert f"The table has rows 1 to 120; there is no row {row:,}." in page.text
    assert 'id="row-form"' in page.text


def known(place: str, **facts: Any) -> Told:
    return {"place": place, "truth": None, "predicted": None, "chance": None} | facts


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (known("outside"), "It took no part"),
        (known("locked"), "was not opened for this model"),
        (
            known("locked", truth="a"),
            "In truth its y is “a”. It is one of the locked rows, which the model never",
        ),
        (
            known("locked", truth=3.0, all_rows=True),
            "In truth its y is 3. It was locked until the model was judged",
        ),
        (known("development", truth=3.0), "In truth its y is 3. The model learned from this row."),
        (known("development", truth="a", predicted="b", chance=0.75), "unseen, “b” (75 %) was predicted."),
        (known("development", truth=1.0, predicted=1.23456), "while it was unseen, 1.23 was predicted."),
    ],
)
def test_what_is_known_of_a_row_is_a_sentence(told: Told, said: str):
    assert said in known_sentence(told, "y")
