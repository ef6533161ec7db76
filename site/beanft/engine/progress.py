"""How long work tells where it stands, without knowing who listens."""

from typing import Any


class Progress:
    """A listener that does nothing; the queue's runner passes one that writes to the job.

    Long engine functions take `progress: Progress = Progress()` and call it. `record` hands over one
    finished part (a run of an experiment), which the queue keeps at once: what was recorded survives a
    cancelled or killed job. `stopping` asks whether to end early with the best so far; work that cannot do
    so never asks.
    """

    def __call__(self, share: float, message: str = "") -> None:
        """Report that `share` (0..1) of the work is done, with a short message for the user."""

    def record(self, facts: dict[str, Any]) -> None:
        """Hand over one finished part as plain JSON values."""

    def stopping(self) -> bool:
        """Whether the user wants no more work begun, and the best so far kept; cheap enough for any loop."""
        return False


def part_of(progress: Progress, start: float, end: float) -> Progress:
    """Make a listener for a part of the work.

    Parameters
    ----------
    progress : Progress
        Listens to the whole work.
    start, end : float
        Shares of the whole between which the part lies.

    Returns
    -------
    Progress
        Takes shares of the part.

    Examples
    --------
    >>> class Told(Progress):
    ...     def __call__(self, share: float, message: str = "") -> None:
    ...         print(share, message)
    >>> part_of(Told(), 0.25, 0.75)(0.5, "Halfway")
    0.5 Halfway
    """

    class Part(Progress):
        def __call__(self, share: float, message: str = "") -> None:
            progress(start + share * (end - start), message)

        def record(self, facts: dict[str, Any]) -> None:
            progress.record(facts)

        def stopping(self) -> bool:
            return progress.stopping()

    return Part()
