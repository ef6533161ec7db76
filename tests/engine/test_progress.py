"""A part of the work tells its share of the whole."""

from typing import Any, ClassVar

from beanft.engine.progress import Progress, part_of


class Told(Progress):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, str]] = []

    def __call__(self, share: float, message: str = "") -> None:
        self.heard.append((share, message))


def test_a_part_of_a_part_lies_within_both() -> None:
    whole = Told()
    inner = part_of(part_of(whole, 0.5, 1.0), 0.0, 0.5)
    for share in (0.0, 0.5, 1.0):
        inner(share, "Reading")
    assert whole.heard == [(0.5, "Reading"), (0.625, "Reading"), (0.75, "Reading")]


def test_a_part_asks_and_hands_over_as_the_whole_does() -> None:
    class Impatient(Progress):
        kept: ClassVar[list[dict[str, Any]]] = []

        def record(self, facts: dict[str, Any]) -> None:
            self.kept.append(facts)

        def stopping(self) -> bool:
            return True

    whole = Impatient()
    part = part_of(whole, 0.5, 1.0)
    part.record({"number": 1})
    assert part.stopping()
    assert whole.kept == [{"number": 1}]
    assert not part_of(Progress(), 0.0, 0.5).stopping()
