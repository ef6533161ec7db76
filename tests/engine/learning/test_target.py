"""Which of two classes is the one to be found."""

import numpy as np
import pytest

from beanft.engine.learning.target import Target, put_last, usual_positive


@pytest.mark.parametrize(
    ("labels", "usual"),
    [
        (("no", "yes"), "yes"),
        (("event", "no event"), "event"),
        (("churned", "Not churned"), "churned"),
        (("krank", "nicht krank"), "krank"),
        (("event", "no other"), "no other"),
        (("a", "b", "c"), ""),
    ],
)
def test_the_usual_class_to_be_found_is_no_denial(labels, usual):
    assert usual_positive(labels) == usual
    codes = np.arange(40) % len(labels)
    found = put_last(Target(rows=np.arange(40), y=codes, labels=labels, notes=()), "")
    assert found.labels[-1] == (usual or "c")
    assert [found.labels[code] for code in found.y] == [labels[code] for code in codes]
