"""Figures of explanations."""

from beanft.engine.charts.explanations.importances import pairs_figure


def test_labels_of_pairs_with_one_long_column_in_common_differ():
    first = "monthly household income before any taxes"
    pairs = [(f"{first} and {second}", 1.0) for second in ("age of the person", "rooms of the flat")]
    axis = pairs_figure(pairs, "euros")["yAxis"]
    assert len(set(axis["data"])) == 2
    assert [label.endswith(end) for label, end in zip(axis["data"], ("person", "flat"), strict=True)]
    assert axis["axisLabel"]["overflow"] == "break"  # the picture does not cut them again
