"""What is said of the files of a model on their page."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A kind of file."""

    kind: str
    """Key of the kind."""
    title: str
    """Heading."""
    sentence: str
    """What it is good for."""
    holds: str
    """What is in it."""
    make: str
    """Label of the button that has it made."""
    icon: str
    """Name of its icon."""


OFFERS = (
    Offer(
        kind="skops",
        title="The model, for Python",
        sentence=(
            "It predicts on another computer without Beanft, and gives the same numbers to the last bit. "
            "Opening it runs no code: only types on a fixed list are made from it."
        ),
        holds=(
            "An archive with a skops file, a program that predicts a CSV, stored rows with their numbers, "
            "and the versions of the libraries."
        ),
        make="Make the skops file",
        icon="shield-check",
    ),
    Offer(
        kind="reproduce",
        title="How it was made, to make it again",
        sentence=(
            "A program that fits the model again from your table, without Beanft, and compares its "
            "predictions and scores with those shown here."
        ),
        holds=(
            "An archive with the recipe (rows, folds, settings, seeds, numbers of trees), the program, and "
            "digests of the table. The table itself is not in it."
        ),
        make="Write the recipe",
        icon="arrow-counterclockwise",
    ),
    Offer(
        kind="onnx",
        title="The model, for other programs",
        sentence=(
            "ONNX is read by programs in many languages. Where a part of the model has no form in it, "
            "you are told which part and why."
        ),
        holds="One file that takes a tensor for each column and gives probabilities or a number.",
        make="Make the ONNX file",
        icon="cpu",
    ),
)
"""The kinds of files, in the order in which they are shown."""
