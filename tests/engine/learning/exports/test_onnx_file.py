"""An ONNX file says what the model says, for every learner, gap, unknown level and awkward number."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pytest
from scipy.stats import norm

from beanft.engine.errors import EngineError
from beanft.engine.learning.calibration import Calibration
from beanft.engine.learning.exports.onnx_file import onnx_predict, onnx_reason, write_onnx
from beanft.engine.learning.exports.onnx_parts.graph import Graph
from beanft.engine.learning.exports.onnx_parts.inputs import columns_of
from beanft.engine.learning.exports.onnx_parts.links import interpolated, normal_quantile
from beanft.engine.learning.learners import learners_for
from beanft.engine.learning.prepare import Feature, Plan
from beanft.engine.learning.search.bag import Bag, Fold, blend
from beanft.engine.learning.search.fitting import Terms, fit_fold
from beanft.engine.learning.search.material import Material
from beanft.engine.learning.serving.rows import predict_rows

N_ROWS = 240
ROLES = {
    "size": "number",
    "Zähl-Code": "code",
    "seen": "date",
    "day": "date",
    "label": "levels",
    "ringed": "levels",
    "shop <b>": "target",
}
SETTINGS: dict[str, dict[str, Any]] = {
    "boosting": {"trees": 8, "leaf_rows": 3},
    "lightgbm": {"trees": 8, "leaf_rows": 3},
    "extra_trees": {"trees": 10},
    "random_forest": {"trees": 10},
    "network": {"width": 5},
}
CLOSE = 1e-6


def plan_of(roles: dict[str, str], *, cyclic: bool = False) -> Plan:
    features = tuple(
        Feature(name=name, role=role, n_parts=6, n_shown=6, cyclic=is_cyclic, carried=is_cyclic)
        for name, role in roles.items()
        for is_cyclic in (cyclic and role == "date",)
    )
    return Plan(features=features, notes=())


@functools.cache
def table(n_rows: int = N_ROWS, seed: int = 0) -> pd.DataFrame:
    chance = np.random.default_rng(seed)
    size = chance.normal(5e6, 1.0, n_rows).round(2)
    size[::11] = np.nan
    code = chance.integers(100, 130, n_rows).astype(float)
    code[::13] = np.nan
    moments = pd.Timestamp("2023-11-01") + pd.to_timedelta(chance.integers(0, 300 * 86_400, n_rows), unit="s")
    seen = pd.Series(moments).astype("datetime64[us]").mask(np.arange(n_rows) % 17 == 5)
    seen[7] = pd.Timestamp("1968-05-05")  # an odd one: no scale of days is taken from it
    levels = chance.choice(["a", "b", "ü", "d'; --", "never"], n_rows).astype(object)
    levels[::9] = None
    shops = np.array([f"shop {i}" for i in chance.integers(0, 60, n_rows)], dtype=object)
    shops[::19] = None
    return pd.DataFrame(
        {
            "size": size,
            "Zähl-Code": code,
            "seen": seen,
            "day": seen.dt.floor("D"),
            "label": levels,
            "ringed": chance.choice(["true", "false"], n_rows).astype(object),
            "shop <b>": shops,
        }
    )


def targets(n_classes: int) -> np.ndarray:
    frame = table()
    known = frame["size"].fillna(5e6) - 5e6
    drive = known + (frame["label"] == "a") * 1.5 + (frame["seen"].dt.month.fillna(1) > 6) * 1.0
    if not n_classes:
        return np.asarray(np.exp(drive / 2) * 1000 + frame["Zähl-Code"].fillna(0), dtype=float)
    cuts = np.quantile(drive, np.linspace(0, 1, n_classes + 1)[1:-1])
    return np.asarray(np.searchsorted(cuts, drive), dtype=np.int64)


@functools.cache
def material(n_classes: int, *, cyclic: bool = False, names: tuple[str, ...] = tuple(ROLES)) -> Material:
    order = np.random.default_rng(1).permutation(N_ROWS)
    parts = ((order[:160], order[160:]), (order[80:], order[:80]))
    chosen = plan_of({name: ROLES[name] for name in names}, cyclic=cyclic)
    made = Material(table(), targets(n_classes), chosen, parts, n_classes=n_classes, seed=0)
    made.encode_here()
    return made


def bag_of(
    learner: str,
    n_classes: int,
    *,
    cyclic: bool = False,
    names: tuple[str, ...] = tuple(ROLES),
    **settings: Any,
) -> Bag:
    rows = material(n_classes, cyclic=cyclic, names=names)
    terms = Terms(
        task="classification" if n_classes else "regression",
        n_classes=n_classes,
        n_native=rows.n_native,
        n_days=rows.n_days,
        balanced=False,
        n_folds=2,
    )
    chosen = SETTINGS.get(learner, {}) | settings
    folds = [
        Fold(
            encoder=rows.encoders[i],
            members=((1.0, fit_fold(learner, chosen, terms, rows.rows(i), seed=i, slice_s=60).member),),
        )
        for i in range(2)
    ]
    return Bag(coder=rows.coder, layout=rows.layout, folds=tuple(folds))


def model_of(bag: Bag, n_classes: int, calibration: Calibration | None = None) -> dict[str, Any]:
    return {
        "estimator": bag,
        "labels": tuple(f"class {i} é" for i in range(n_classes)),
        "target": "price",
        "task": "classification" if n_classes else "regression",
        "title": "A model",
        "versions": {"numpy": "2"},
        "calibration": calibration,
    }


def awkward() -> pd.DataFrame:
    """Rows of training, others, and rows at the edges: huge, missing, unknown, far in time."""
    frame = pd.concat([table().iloc[:60], table(60, 7)], ignore_index=True)
    frame.loc[0:3, "size"] = [np.inf, -np.inf, 1e300, -1e300]
    frame.loc[4:6, "Zähl-Code"] = [1e9, -3.5, 0.0]
    frame.loc[7:10, "label"] = ["unknown", "", "A", " a"]
    moments = ["1899-12-31T23:59:59.999999", "1970-01-01", "2000-02-29T12:30", "2400-02-29T23:59"]
    frame.loc[11:14, "seen"] = np.array(moments, dtype="datetime64[us]")
    frame.loc[15] = [np.nan, np.nan, pd.NaT, pd.NaT, None, None, None]
    return frame


def largest(model: dict[str, Any], path: Path) -> float:
    """The largest difference between the file and the model, relative to the largest number."""
    write_onnx(model, path)
    frame = awkward()
    expected = predict_rows(model, frame)
    found = onnx_predict(path, model, frame)
    assert found.shape == expected.shape
    return float(np.abs(found - expected).max() / np.abs(expected).max())


CASES = [(one.key, n) for n, task in ((3, "classification"), (2, "classification"), (0, "regression"))
         for one in learners_for(task)]  # fmt: skip


@pytest.mark.parametrize(("learner", "n_classes"), CASES)
def test_every_learner_says_the_same(learner: str, n_classes: int, tmp_path: Path) -> None:
    model = model_of(bag_of(learner, n_classes), n_classes)
    assert onnx_reason(model) == ""
    assert largest(model, tmp_path / "model.onnx") < CLOSE


@pytest.mark.parametrize("name", ROLES)
@pytest.mark.parametrize("learner", ["boosting", "lightgbm", "random_forest", "linear"])
def test_one_column_is_enough(learner: str, name: str, tmp_path: Path) -> None:
    assert largest(model_of(bag_of(learner, 0, names=(name,)), 0), tmp_path / "model.onnx") < CLOSE


@pytest.mark.parametrize("learner", ["boosting", "ridge", "network"])
def test_a_logarithm_is_undone(learner: str, tmp_path: Path) -> None:
    assert largest(model_of(bag_of(learner, 0, log=True), 0), tmp_path / "model.onnx") < CLOSE


@pytest.mark.parametrize(("learner", "n_classes"), CASES)
def test_dates_may_be_cyclic_and_days_carried(learner: str, n_classes: int, tmp_path: Path) -> None:
    model = model_of(bag_of(learner, n_classes, cyclic=True), n_classes)
    assert largest(model, tmp_path / "model.onnx") < CLOSE


@pytest.mark.parametrize("names", [tuple(ROLES), ("seen",), ("day", "label")])
@pytest.mark.parametrize("learner", ["boosting", "lightgbm"])
def test_trees_beside_a_trend_say_the_same(learner: str, names: tuple[str, ...], tmp_path: Path) -> None:
    bag = bag_of(learner, 0, cyclic=True, names=names, trend=True)
    assert largest(model_of(bag, 0), tmp_path / "model.onnx") < CLOSE
    mixed = blend([(0.6, bag), (0.4, bag_of("ridge", 0, cyclic=True, names=names))])
    assert largest(model_of(mixed, 0), tmp_path / "model.onnx") < CLOSE


@pytest.mark.parametrize(
    ("n_classes", "calibration"),
    [
        (3, Calibration(kind="temperature", numbers=(0.6,))),
        (2, Calibration(kind="sigmoid", numbers=(1.7, -0.3))),
        (2, Calibration(kind="isotonic", numbers=(0.2, 0.4, 0.4, 0.9), heights=(0.1, 0.3, 0.5, 0.8))),
        (2, Calibration(kind="none")),
    ],
)
def test_mended_probabilities_are_mended_there_too(
    n_classes: int, calibration: Calibration, tmp_path: Path
) -> None:
    model = model_of(bag_of("logistic", n_classes), n_classes, calibration)
    assert largest(model, tmp_path / "model.onnx") < CLOSE


def test_an_ensemble_is_weighed(tmp_path: Path) -> None:
    weighed = [(0.5, bag_of("boosting", 0)), (0.3, bag_of("ridge", 0)), (0.2, bag_of("neighbours", 0))]
    path = tmp_path / "model.onnx"
    assert largest(model_of(blend(weighed), 0), path) < CLOSE
    assert not list(tmp_path.glob("*.part"))


def test_a_class_that_a_fold_lacked_is_not_certain(tmp_path: Path) -> None:
    two = bag_of("logistic", 2)
    folds = []
    for fold in two.folds:
        ((weight, member),) = fold.members
        other = type(member)(
            design=member.design, model=member.model, classes=np.array([0, 2]), n_classes=4, link=None
        )
        folds.append(Fold(encoder=fold.encoder, members=((weight, other),)))
    model = model_of(Bag(coder=two.coder, layout=two.layout, folds=tuple(folds)), 4)
    assert largest(model, tmp_path / "model.onnx") < CLOSE


def test_the_file_stands_alone(tmp_path: Path) -> None:
    model, path = model_of(bag_of("boosting", 2), 2), tmp_path / "model.onnx"
    facts = write_onnx(model, path)
    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_inputs()]
    assert names == [one["name"] for one in facts["inputs"]]
    assert names == ["size", "column_2", "seen", "day", "label_5", "ringed", "column_7"]
    row: dict[str, Any] = {"size": 5e6, "column_2": np.nan, "seen": 1.7e9, "day": 19_675 * 86_400.0}
    given = {name: np.array([[value]]) for name, value in row.items()}
    texts = {"label_5": "a", "ringed": "true", "column_7": ""}
    given |= {name: np.array([[text]], dtype=object) for name, text in texts.items()}
    label, chances = session.run(["label", "probabilities"], given)
    assert label[0] == model["labels"][int(chances[0].argmax())]
    assert chances.sum() == pytest.approx(1.0)
    told = json.loads(session.get_modelmeta().custom_metadata_map["beanft"])
    assert told["labels"] == list(model["labels"])
    assert facts["size_bytes"] == path.stat().st_size
    assert [one["name"] for one in facts["outputs"]] == ["label", "probabilities"]


def test_what_has_no_form_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    texts = pd.DataFrame({"note": ["one two", "two three", "three one"] * 20})
    parts = ((np.arange(40), np.arange(40, 60)),)
    rows = Material(texts, np.arange(60) % 2, plan_of({"note": "text"}), parts, n_classes=2, seed=0)
    rows.encode_here()
    terms = Terms(task="classification", n_classes=2, n_native=0, balanced=False, n_folds=1)
    member = fit_fold("logistic", {}, terms, rows.rows(0), seed=0, slice_s=60).member
    fold = Fold(encoder=rows.encoders[0], members=((1.0, member),))
    model = model_of(Bag(coder=rows.coder, layout=rows.layout, folds=(fold,)), 2)
    assert "“note” is read as text" in onnx_reason(model)
    with pytest.raises(EngineError, match="“note” is read as text"):
        write_onnx(model, tmp_path / "model.onnx")
    dealt = model_of(bag_of("baseline", 3, guess="dealt"), 3)
    assert "deals its classes out" in onnx_reason(dealt)
    with pytest.raises(EngineError, match="deals its classes out"):
        write_onnx(dealt, tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


def test_no_rows_give_no_predictions(tmp_path: Path) -> None:
    model, path = model_of(bag_of("ridge", 0), 0), tmp_path / "model.onnx"
    write_onnx(model, path)
    assert onnx_predict(path, model, awkward().iloc[:0]).shape == (0,)


def test_names_of_inputs_are_safe_and_differ() -> None:
    names = ["prediction", "a", "A", "0x", "", "a b", "x\0y", "column_4"]
    material = Material(
        pd.DataFrame({name: [1.0, 2.0] for name in names}),
        np.zeros(2),
        plan_of(dict.fromkeys(names, "number")),
        (),
        n_classes=0,
        seed=0,
    )
    made = [one.name for one in columns_of(material.coder)]
    assert made == ["prediction_1", "a", "A_3", "column_4", "column_5", "column_6", "column_7", "column_4_8"]


def _run(graph: Graph, values: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(graph.model({}).SerializeToString())
    (found,) = session.run(None, {"x": values})
    return np.asarray(found)


def test_the_bell_curve_is_exact_to_the_last_digits() -> None:
    chances = np.concatenate([np.geomspace(1e-300, 0.4, 500), np.linspace(0.001, 0.999, 999)])[:, None]
    graph = Graph()
    graph.output(normal_quantile(graph, graph.input("x", "double")), "y", "double", 1)
    assert _run(graph, chances) == pytest.approx(norm.ppf(chances), rel=1e-14, abs=1e-15)


@pytest.mark.parametrize("mode", ["LEQ", "LT"])
def test_lines_are_followed_as_numpy_does(mode: str) -> None:
    knots, heights = np.array([0.0, 1, 1, 1, 2, 5, 5]), np.array([0.0, 0.1, 0.2, 0.3, 0.5, 0.9, 1])
    values = np.array([-1.0, 0, 0.5, 1, 1.5, 2, 3, 4.9])
    graph = Graph()
    followed = interpolated(graph, graph.input("x", "double"), [knots], [heights], mode=mode)
    graph.output(followed, "y", "double", 1)
    expected = np.interp(values, knots, heights)
    if mode == "LT":
        expected = -np.interp(-values, -knots[::-1], -heights[::-1])
    assert _run(graph, values[:, None])[:, 0] == pytest.approx(expected, abs=1e-15)
