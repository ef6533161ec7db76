"""Pages compare models in the web process, which never loads scikit-learn for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SITE = Path(__file__).resolve().parents[4] / "site"


def test_comparing_loads_no_scikit_learn() -> None:
    program = (
        "import sys, beanft.engine.charts.comparisons, beanft.engine.learning.compared.contest;"
        "print('sklearn' in sys.modules)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": str(SITE)}, capture_output=True, text=True
    )
    assert answer.stdout.strip() == "False", answer.stderr
