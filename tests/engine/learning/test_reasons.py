import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.learning import files, reasons
from beanft.engine.learning.explaining import mixing
from beanft.engine.learning.explaining.mixing import Mixer, heaviest, weights_of
from beanft.engine.learning.inputs import check
from beanft.engine.learning.predict import predict_rows
from beanft.engine.learning.reasons import reasons_of
from beanft.engine.learning.serving.rows import code_rows
from beanft.engine.learning.uncertainty.background import make_background
from beanft.engine.learning.uncertainty.kept import column_weights, keep_weights, load_uncertainty
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
    assert f"{found['n_rest']} columns count together" in found["how"]
    assert "measured" not in found["how"]  # all were
    assert added(found) == pytest.approx(found["prediction"], abs=1e-6)


@pytest.mark.parametrize("row_s", [0.01, 1000.0])  # time for all columns; for the two that are sifted out
def test_columns_that_count_for_this_row_are_named_though_they_weigh_little(
    flower_models: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row_s: float
) -> None:
    shutil.copytree(flower_models.folder, tmp_path / "copy")
    model = opened(flower_models, "logistic")
    names = [column["name"] for column in model["schema"]]
    usual = reasons_of(model, flower_models.folder, row_of(model, 3), limit_s=60)
    largest = [share["columns"] for share in usual["shares"]][:2]
    save_light(tmp_path / "copy", "logistic", names, [name for (name,) in largest])
    monkeypatch.setattr(reasons, "row_seconds", lambda *_: row_s)
    monkeypatch.setattr(reasons, "_ALONE", 3)
    monkeypatch.setattr(reasons, "_SHOWN", 2)
    found = reasons_of(model, tmp_path / "copy", row_of(model, 3), key="logistic", limit_s=60)
    assert {share["columns"][0] for share in found["shares"][:2]} == {name for (name,) in largest}
    assert abs(found["shares"][-1]["value"]) <= abs(found["shares"][0]["value"])
    assert added(found) == pytest.approx(found["prediction"], abs=1e-6)


def save_light(folder: Path, key: str, names: list[str], light: list[str]) -> None:
    """Keep weights in which some columns hardly count."""
    load_uncertainty(folder, key)  # the run's own is made where only the final model has one
    keep_weights(folder, key, {name: 0.001 if name in light else 0.1 for name in names})
    assert column_weights(folder, key) is not None


def test_weights_that_time_did_not_suffice_for_are_measured_later_and_kept(
    flower_models: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(flower_models.folder, tmp_path / "copy")
    folder, model = tmp_path / "copy", opened(flower_models, "logistic")
    load_uncertainty(folder, "logistic")
    keep_weights(folder, "logistic", {"wet": 0.0})
    with monkeypatch.context() as slow:
        slow.setattr(mixing, "_SHUFFLED_ROWS", 32)  # two columns between two looks at the clock
        slow.setattr(reasons, "_WEIGHTS_S", 0.0)
        found = reasons_of(model, folder, row_of(model, 3), key="logistic", limit_s=0.0)
    assert f"5 of {len(model['schema'])} columns were measured so far" in found["how"]
    assert len(column_weights(folder, "logistic") or {}) == 5
    assert set(found["columns"]) <= set(column_weights(folder, "logistic") or {})
    again = reasons_of(model, folder, row_of(model, 3), key="logistic")
    assert "measured so far" not in again["how"]
    assert set(column_weights(folder, "logistic") or {}) == {column["name"] for column in model["schema"]}


def test_all_columns_are_measured_at_once_before_any_is_refined(
    flower_models: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = opened(flower_models, "logistic")
    mixer, names = Mixer(model), [column["name"] for column in model["schema"]]
    coded = code_rows(model, flowers()[names].sample(100, random_state=1))
    rough, fine = (weights_of(mixer, coded, names, limit_s=limit) for limit in (0.0, 60.0))
    assert np.isfinite(rough).all()
    heavy, light = names.index("petal width"), names.index("wet")
    assert rough[heavy] > rough[light] >= 0
    alone = mixer.shuffled(coded, [names[heavy]], np.roll(np.arange(100), 1))
    assert fine[heavy] == pytest.approx(np.abs(mixer.predict(alone) - mixer.predict(coded)).sum() / 200)
    monkeypatch.setattr(mixing, "_SHUFFLED_ROWS", 1)
    first = weights_of(mixer, coded, names, limit_s=0.0)
    second = weights_of(mixer, coded, names, limit_s=0.0, known=first)
    assert [np.isfinite(found).sum() for found in (first, second)] == [1, 2]
    assert second[0] == first[0] == rough[0]
    assert heaviest(second).tolist()[2:] == list(range(2, len(names)))


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
