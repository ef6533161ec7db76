import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.learning import files, reasons
from beanft.engine.learning.inputs import check
from beanft.engine.learning.predict import predict_rows
from beanft.engine.learning.reasons import reasons_of
from beanft.engine.learning.uncertainty.background import make_background
from beanft.engine.learning.uncertainty.kept import column_weights
from engine.learning.conftest import Trained, flowers


def opened(trained: Trained, key: str) -> dict[str, Any]:
    run = trained.listener.run(key)
    return files.load(trained.folder / run["file"], run["sha256"])


def row_of(model: dict[str, Any], at: int) -> pd.DataFrame:
    names = [column["name"] for column in model["schema"]]
    cells = [None if value != value else str(value) for value in flowers()[names].iloc[at].tolist()]
    return check(names, [cells], model["schema"]).frame


def added(found: dict[str, Any]) -> float:
    return float(found["base"] + sum(share["value"] for share in found["shares"]) + found["rest"])


@pytest.mark.parametrize(
    "key", ["logistic", "discriminant", "neighbours", "random_forest", "support_vectors", "baseline"]
)
def test_reasons_add_up_to_the_prediction_for_every_learner(flower_models: Trained, key: str) -> None:
    model = opened(flower_models, key)
    row = row_of(model, 70)
    for label in (None, "setosa"):
        found = reasons_of(model, flower_models.folder, row, label=label)
        said = predict_rows(model, row)[0]
        assert found["label"] == (label or model["labels"][int(np.argmax(said))])
        assert found["prediction"] == pytest.approx(said[model["labels"].index(found["label"])], abs=1e-12)
        assert added(found) == pytest.approx(found["prediction"], abs=1e-6)
        assert {column for share in found["shares"] for column in share["columns"]} | set(
            found["rest_columns"]
        ) == {column["name"] for column in model["schema"]}


def test_a_model_that_looks_at_nothing_has_no_reasons_but_its_base(flower_models: Trained) -> None:
    model = opened(flower_models, "baseline")
    found = reasons_of(model, flower_models.folder, row_of(model, 0))
    assert all(share["value"] == 0 for share in found["shares"])


def test_the_same_row_has_the_same_reasons(flower_models: Trained) -> None:
    model = opened(flower_models, "logistic")
    once, again = (
        reasons_of(model, flower_models.folder, row_of(model, 3), key="logistic") for _ in range(2)
    )
    assert once == again


def test_many_columns_of_little_weight_count_together(
    flower_models: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reasons, "_ALONE", 3)
    model = opened(flower_models, "logistic")
    found = reasons_of(model, flower_models.folder, row_of(model, 3))
    assert (len(found["shares"]), found["n_rest"]) == (3, len(model["schema"]) - 3)
    assert found["exact"]
    assert "count together" in found["how"]
    assert added(found) == pytest.approx(found["prediction"], abs=1e-6)


def test_similar_rows_are_real_ones_with_their_truth(flower_models: Trained) -> None:
    model = opened(flower_models, "logistic")
    found = reasons_of(model, flower_models.folder, row_of(model, 10), key="logistic")
    assert len(found["similar"]) == 3
    distances = [one["distance"] for one in found["similar"]]
    assert distances == sorted(distances)
    for one in found["similar"]:
        assert one["truth"] == flowers()["species"][one["row"]]
        assert one["predicted"] in model["labels"]
        wide = one["values"].get("petal width")
        assert wide is None or wide == flowers()["petal width"][one["row"]]


def test_a_class_that_does_not_exist_is_refused(flower_models: Trained) -> None:
    model = opened(flower_models, "logistic")
    with pytest.raises(EngineError, match="no class “rose”"):
        reasons_of(model, flower_models.folder, row_of(model, 0), label="rose")


def test_models_of_before_say_why_there_are_no_reasons_until_rows_are_kept(
    flower_models: Trained, tmp_path: Path
) -> None:
    model = opened(flower_models, "logistic")
    for name in ("evidence.json", "rows.npz"):
        shutil.copy(flower_models.folder / name, tmp_path)
    found = reasons_of(model, tmp_path, row_of(model, 0))
    assert found["shares"] == []
    assert "Train it again" in found["why_not"]
    assert not make_background(tmp_path / "nowhere", tmp_path, None)  # type: ignore[arg-type]  # not looked at


def test_weights_of_the_columns_are_kept_with_the_final_model(flower_models: Trained) -> None:
    weights = column_weights(flower_models.folder, flower_models.result["final"])
    assert weights is not None
    assert weights["petal width"] > weights["wet"]
