"""From margins to probabilities, and the two curves of statistics that ONNX lacks."""

from collections.abc import Sequence

import numpy as np
from onnx import TensorProto

from beanft.engine.learning.exports.onnx_parts.graph import Graph
from beanft.engine.learning.exports.onnx_parts.trees import Trees


def chances_of_margins(graph: Graph, margins: str, n_margins: int) -> str:
    """Turn margins into probabilities.

    Parameters
    ----------
    graph : Graph
        Gets the operators.
    margins : str
        Name of the margins.
    n_margins : int
        One for two classes, else one a class.

    Returns
    -------
    str
        Name of the probabilities.
    """
    if n_margins > 1:
        return softmax(graph, margins)
    return two_chances(graph, graph.add("Sigmoid", margins))


def two_chances(graph: Graph, second: str) -> str:
    """Put the chance of the first class beside that of the second.

    Parameters
    ----------
    graph : Graph
        Gets the operators.
    second : str
        Name of the chances of the second class, one column.

    Returns
    -------
    str
        Name of both, two columns.
    """
    return graph.joined([graph.minus(graph.constant([[1.0]]), second), second])


def softmax(graph: Graph, margins: str) -> str:
    """Turn margins into exponentials that add up to 1, the largest taken off first.

    Parameters
    ----------
    graph : Graph
        Gets the operators.
    margins : str
        Name of the margins, one column a class.

    Returns
    -------
    str
        Name of the probabilities.
    """
    largest = graph.add("ReduceMax", margins, axes=[1], keepdims=1)
    raised = graph.add("Exp", graph.minus(margins, largest))
    return graph.add("Div", raised, graph.row_sums(raised))


def interpolated(
    graph: Graph,
    values: str,
    knots: Sequence[np.ndarray],
    heights: Sequence[np.ndarray],
    *,
    mode: str = "LEQ",
) -> str:
    """Follow a line from knot to knot in each column, as numpy.interp does.

    Parameters
    ----------
    graph : Graph
        Gets the operators.
    values : str
        Name of the values, one column for each line.
    knots, heights : sequence of array
        Of each line, ascending; the heights at the knots.
    mode : str
        LEQ: at a knot that is there twice the last one counts, as in numpy; LT: the first one.

    Returns
    -------
    str
        Name of the heights, of the shape of `values`.
    """
    places = np.cumsum([0, *(len(one) for one in knots[:-1])])
    low, high = (np.array([[one[end] for one in knots]]) for end in (0, -1))
    inside = graph.add("Min", graph.add("Max", values, graph.constant(low)), graph.constant(high))
    found = graph.cast(
        graph.shifted(_knot_before(graph, inside, knots, mode), places[None, :]), TensorProto.INT64
    )
    slopes = np.concatenate([_slopes(*line) for line in zip(knots, heights, strict=True)])
    table = [np.concatenate(list(knots)), np.concatenate(list(heights)), slopes]
    start, height, slope = (graph.add("Gather", graph.constant(one), found) for one in table)
    return graph.add("Add", graph.add("Mul", graph.minus(inside, start), slope), height)


def _knot_before(graph: Graph, values: str, knots: Sequence[np.ndarray], mode: str) -> str:
    """The place of the knot at or before each value, found by a balanced tree for each column."""
    trees = Trees(n_targets=len(knots))
    for column, line in enumerate(knots):
        trees.begin()
        _search(trees, trees.reserve(), column, line, (0, len(line) - 1), mode)
    return trees.add_to(graph, values)


def _search(
    trees: Trees, number: int, column: int, line: np.ndarray, span: tuple[int, int], mode: str
) -> None:
    first, last = span
    if first == last:
        trees.leaf(number, {column: float(first)})
        return
    middle = (first + last + 1) // 2
    ways = (trees.reserve(), trees.reserve())
    # “value < knot” is where the tree goes before that knot; with LT a value at the knot goes before it, too
    trees.cut(number, "LT" if mode == "LEQ" else "LEQ", column, float(line[middle]), ways, gap=True)
    _search(trees, ways[0], column, line, (first, middle - 1), mode)
    _search(trees, ways[1], column, line, (middle, last), mode)


def _slopes(knots: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """The slope after each knot; none after the last one, and none where two knots are one."""
    width = np.diff(knots)
    rise = np.divide(np.diff(heights), width, out=np.zeros(len(width)), where=width > 0)
    return np.append(rise, 0.0)


def normal_quantile(graph: Graph, chances: str) -> str:
    """Invert the bell curve's area by the rational approximations of Wichura (AS 241, 16 digits).

    Parameters
    ----------
    graph : Graph
        Gets the operators.
    chances : str
        Name of values between 0 and 1, both excluded.

    Returns
    -------
    str
        Name of the quantiles.
    """
    off = graph.shifted(chances, -0.5)
    middle = graph.shifted(graph.scaled(graph.add("Mul", off, off), -1.0), 0.180625)
    near = graph.add("Mul", off, _ratio(graph, middle, _A, _B))
    nearer = graph.add("Min", chances, graph.minus(graph.constant([[1.0]]), chances))
    root = graph.add("Sqrt", graph.scaled(graph.add("Log", nearer), -1.0))
    tail = _ratio(graph, graph.shifted(root, -1.6), _C, _D)
    far = _ratio(graph, graph.shifted(root, -5.0), _E, _F)
    beyond = graph.add("Where", graph.add("Greater", root, graph.constant(5.0)), far, tail)
    signed = graph.add("Mul", beyond, graph.add("Sign", off))
    is_near = graph.add("LessOrEqual", graph.add("Abs", off), graph.constant(0.425))
    return graph.add("Where", is_near, near, signed)


def _ratio(graph: Graph, x: str, above: Sequence[float], below: Sequence[float]) -> str:
    return graph.add("Div", _polynomial(graph, x, above), _polynomial(graph, x, below))


def _polynomial(graph: Graph, x: str, coefficients: Sequence[float]) -> str:
    """Coefficients of rising powers, by Horner's scheme."""
    total = graph.shifted(graph.scaled(x, coefficients[-1]), coefficients[-2])
    for one in reversed(coefficients[:-2]):
        total = graph.shifted(graph.add("Mul", total, x), one)
    return total


_A = (
    3.3871328727963666080e0,
    1.3314166789178437745e2,
    1.9715909503065514427e3,
    1.3731693765509461125e4,
    4.5921953931549871457e4,
    6.7265770927008700853e4,
    3.3430575583588128105e4,
    2.5090809287301226727e3,
)
_B = (
    1.0,
    4.2313330701600911252e1,
    6.8718700749205790830e2,
    5.3941960214247511077e3,
    2.1213794301586595867e4,
    3.9307895800092710610e4,
    2.8729085735721942674e4,
    5.2264952788528545610e3,
)
_C = (
    1.42343711074968357734e0,
    4.63033784615654529590e0,
    5.76949722146069140550e0,
    3.64784832476320460504e0,
    1.27045825245236838258e0,
    2.41780725177450611770e-1,
    2.27238449892691845833e-2,
    7.74545014278341407640e-4,
)
_D = (
    1.0,
    2.05319162663775882187e0,
    1.67638483018380384940e0,
    6.89767334985100004550e-1,
    1.48103976427480074590e-1,
    1.51986665636164571966e-2,
    5.47593808499534494600e-4,
    1.05075007164441684324e-9,
)
_E = (
    6.65790464350110377720e0,
    5.46378491116411436990e0,
    1.78482653991729133580e0,
    2.96560571828504891230e-1,
    2.65321895265761230930e-2,
    1.24266094738807843860e-3,
    2.71155556874348757815e-5,
    2.01033439929228813265e-7,
)
_F = (
    1.0,
    5.99832206555887937690e-1,
    1.36929880922735805310e-1,
    1.48753612908506148525e-2,
    7.86869131145613259100e-4,
    1.84631831751005468180e-5,
    1.42151175831644588870e-7,
    2.04426310338993978564e-15,
)
