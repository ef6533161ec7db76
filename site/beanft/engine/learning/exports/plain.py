"""A model as plain values, arrays and estimators of scikit-learn: no class of ours stands in a file."""

import json
import math
from collections.abc import Mapping
from copy import copy, deepcopy
from functools import partial
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import check_array

from beanft.engine.errors import EngineError
from beanft.engine.learning.calibration import Calibration
from beanft.engine.learning.estimators import SupportVectors
from beanft.engine.learning.guessing import GuessedClass, GuessedNumber
from beanft.engine.learning.prepare import Feature, Plan
from beanft.engine.learning.search.bag import Bag, Fold
from beanft.engine.learning.search.boosting import Boosted, StoppableClassifier, StoppableRegressor
from beanft.engine.learning.search.coding import Coder
from beanft.engine.learning.search.designs import Carried, Filled, Plain, Scaled, Undated
from beanft.engine.learning.search.folds import FoldEncoder, Layout, _Words
from beanft.engine.learning.search.members import Logarithm, Made, Member
from beanft.engine.learning.search.network import Rescaled
from beanft.engine.learning.search.trend import Detrended

_MARK = "#"  # key of what a dictionary stands for
_CLASSES: tuple[type, ...] = (
    Bag,
    Boosted,
    Calibration,
    Carried,
    Coder,
    Detrended,
    Feature,
    Filled,
    Fold,
    FoldEncoder,
    GuessedClass,
    GuessedNumber,
    Layout,
    Logarithm,
    Made,
    Member,
    Plain,
    Plan,
    Rescaled,
    Scaled,
    SupportVectors,
    Undated,
    _Words,
)
_BY_NAME = {one.__name__: one for one in _CLASSES}
_STOPPABLE: dict[type, type] = {
    StoppableClassifier: HistGradientBoostingClassifier,
    StoppableRegressor: HistGradientBoostingRegressor,
}
_OWN = ("deadline", "was_cut")  # what ours have beside scikit-learn's
_PARTS = ("nodes", "binned_left_cat_bitsets", "raw_left_cat_bitsets")  # of a tree
_CHECK = partial(check_array, dtype=[np.float64], ensure_all_finite=False)  # as scikit-learn has it there


def to_plain(value: Any) -> Any:
    """Take a model apart.

    Parameters
    ----------
    value : object
        What a model file holds, or a part of it.

    Returns
    -------
    object
        Dictionaries, lists, texts, numbers, arrays and estimators of scikit-learn.

    Raises
    ------
    EngineError
        It holds something that is none of these.

    Examples
    --------
    >>> to_plain(("a", 1))
    {'#': 'tuple', 'items': ['a', 1]}
    """
    if isinstance(value, np.generic):
        value = value.item()
    if _is_scalar(value):
        return value
    if isinstance(value, float):
        return {_MARK: "float", "text": repr(value)}
    if isinstance(value, np.ndarray) and value.dtype != object:
        return value
    if isinstance(value, (list, dict)) and value and _is_json(value):
        return {_MARK: "json", "text": json.dumps(value)}
    return _taken_apart(value)


def _taken_apart(value: Any) -> Any:
    if isinstance(value, list):
        return [to_plain(item) for item in value]
    if isinstance(value, tuple):
        return {_MARK: "tuple", "items": [to_plain(item) for item in value]}
    if isinstance(value, Mapping):
        return _mapping(value)
    if type(value) in _STOPPABLE:
        return _boosted(value)
    if isinstance(value, CountVectorizer):
        return _vocabulary(value)
    if type(value) in _CLASSES:
        return {_MARK: type(value).__name__, "state": to_plain(_state(value))}
    if isinstance(value, BaseEstimator) and type(value).__module__.startswith("sklearn."):
        return _without_training(value) if isinstance(value, (MLPClassifier, MLPRegressor)) else value
    raise EngineError(f"A part of this model ({type(value).__name__}) cannot be written into such a file.")


def _state(value: Any) -> dict[str, Any]:
    """What makes an object up; scikit-learn's own method would add its version, which stands elsewhere."""
    given: dict[str, Any] = vars(value) if isinstance(value, BaseEstimator) else value.__getstate__() or {}
    return dict(given)


def _mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    pairs = [[_scalar(key), item] for key, item in value.items()]
    if all(_is_scalar(item) for _, item in pairs):
        return {_MARK: "pairs", "text": json.dumps(pairs)}
    return {_MARK: "mapping", "keys": json.dumps([key for key, _ in pairs]),
            "items": [to_plain(item) for _, item in pairs]}  # fmt: skip


def _boosted(value: Any) -> dict[str, Any]:
    """Boosted trees as scikit-learn's own class, its many small trees laid end to end in a few arrays."""
    kind = _STOPPABLE[type(value)]
    model: Any = object.__new__(kind)
    trees = [tree for step in value._predictors for tree in step]
    model.__dict__.update({name: part for name, part in vars(value).items() if name not in _OWN})
    model._predictors, model._preprocessor = [], _with_check(value._preprocessor, None)
    return {
        _MARK: type(value).__name__,
        "model": model,
        "width": model.n_trees_per_iteration_,
        "lengths": np.array([[len(getattr(tree, part)) for part in _PARTS] for tree in trees]),
    } | {part: np.concatenate([getattr(tree, part) for tree in trees]) for part in _PARTS}


def _unboosted(value: dict[str, Any], kind: type) -> Any:
    cuts = np.cumsum(value["lengths"], axis=0)[:-1]
    parts = [np.split(value[part], cuts[:, i]) for i, part in enumerate(_PARTS)]
    trees = [TreePredictor(*map(np.ascontiguousarray, tree)) for tree in zip(*parts, strict=True)]
    model: Any = object.__new__(kind)
    width = value["width"]
    model.__dict__.update(vars(value["model"]))
    model._predictors = [trees[i : i + width] for i in range(0, len(trees), width)]
    model._preprocessor = _with_check(model._preprocessor, _CHECK)
    return model


def _with_check(preprocessor: Any, check: Any) -> Any:
    """The same preparation with another check of its numbers: a function has no place in a file."""
    made = deepcopy(preprocessor)
    for _, step, _ in [] if made is None else [*made.transformers, *made.transformers_]:
        if isinstance(step, FunctionTransformer):
            step.func = check
    return made


def _without_training(value: Any) -> Any:
    """A network without what only its training needs."""
    made = copy(value)
    made.__dict__.pop("_optimizer", None)
    return made


def _vocabulary(value: CountVectorizer) -> dict[str, Any]:
    words = sorted(value.vocabulary_, key=value.vocabulary_.__getitem__)
    settings = {
        "min_df": value.min_df,
        "max_features": value.max_features,
        "dtype": np.dtype(value.dtype).name,
    }
    return {_MARK: "CountVectorizer", "text": json.dumps([words, settings])}


def from_plain(value: Any) -> Any:
    """Put a model together again.

    Parameters
    ----------
    value : object
        What `to_plain` gave.

    Returns
    -------
    object
        The same as was taken apart.

    Raises
    ------
    EngineError
        It is not what `to_plain` gives.

    Examples
    --------
    >>> from_plain(to_plain({"a": (1.5, None), 2: "b"}))
    {'a': (1.5, None), 2: 'b'}
    """
    if isinstance(value, list):
        return [from_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    if not value:
        return {}
    try:
        return _put_together(value)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise EngineError("The file does not hold a model of Beanft.") from None


def _put_together(value: dict[str, Any]) -> Any:
    name = value[_MARK]
    if name in ("json", "pairs"):
        read = json.loads(value["text"])
        return read if name == "json" else dict(read)
    if name == "float":
        return float(value["text"])
    if name == "tuple":
        return tuple(from_plain(item) for item in value["items"])
    if name == "mapping":
        return dict(zip(json.loads(value["keys"]), map(from_plain, value["items"]), strict=True))
    if name == "CountVectorizer":
        return _counting(*json.loads(value["text"]))
    stoppable = {kind.__name__: kind for kind in _STOPPABLE}
    if name in stoppable:
        return _unboosted(value, stoppable[name])
    return _made(_BY_NAME[name], from_plain(value["state"]))


def _counting(words: list[str], settings: dict[str, Any]) -> CountVectorizer:
    made = CountVectorizer(**settings | {"dtype": np.dtype(settings["dtype"]).type})
    made.vocabulary_ = {word: place for place, word in enumerate(words)}
    made.fixed_vocabulary_ = False
    return made


def _made(kind: type, state: dict[str, Any]) -> Any:
    made: Any = object.__new__(kind)
    if "__setstate__" in vars(kind):
        made.__setstate__(state)
    else:
        made.__dict__.update(state)
    return made


def _is_scalar(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, (str, int))


def _scalar(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    if not _is_scalar(value):
        raise EngineError("A part of this model cannot be written into such a file.")
    return value


def _is_json(value: Any) -> bool:
    """Whether JSON gives the very same back."""
    if type(value) is dict:
        return all(type(key) is str for key in value) and all(map(_is_json, value.values()))
    if type(value) is list:
        return all(map(_is_json, value))
    return type(value) in (str, int, float, bool, type(None)) and _is_scalar(value)
