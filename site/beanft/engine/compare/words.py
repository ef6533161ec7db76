"""Says in plain words how large an effect is, how sure, and what a p-value means."""

from dataclasses import dataclass

from beanft.engine.tables.wording import counted

SIZES = ("negligible", "small", "medium", "large")
"""Words for the size of an effect, by the conventions of SCALES."""

MANY_ROWS = 10_000
"""From so many rows on, a p-value tells little but that there are many rows."""


@dataclass(frozen=True)
class Scale:
    """A convention by which effects are called small, medium or large."""

    limits: tuple[float, float, float]
    """From where on an effect is small, medium and large."""
    convention: str
    """Whose it is, with the limits."""

    def size(self, value: float) -> str:
        """The word for an effect, whatever its sign."""
        return SIZES[sum(abs(value) >= limit for limit in self.limits)]


SCALES = {
    "hedges_g": Scale((0.2, 0.5, 0.8), "Cohen’s convention: 0.2 small, 0.5 medium, 0.8 large"),
    "correlation": Scale((0.1, 0.3, 0.5), "Cohen’s convention: 0.1 small, 0.3 medium, 0.5 large"),
    "explained": Scale((0.01, 0.06, 0.14), "Cohen’s convention: 1 % small, 6 % medium, 14 % large"),
    "superiority": Scale(
        (0.06, 0.14, 0.21),
        "Vargha and Delaney’s convention: 0.56 (or 0.44) small, 0.64 (0.36) medium, 0.71 (0.29) large",
    ),
}
"""The conventions; that of superiority is about its distance from 0.5."""


def cramer_scale(fewest: int) -> Scale:
    """Give the convention for Cramér's V, whose limits depend on the table: V = w / sqrt(fewest - 1).

    Parameters
    ----------
    fewest : int
        Categories of the column that has fewer of them, at least 2.

    Returns
    -------
    Scale
        Cohen's limits for w, 0.1, 0.3 and 0.5, as limits of V.

    Examples
    --------
    >>> cramer_scale(2).size(0.2), cramer_scale(5).size(0.2)
    ('small', 'medium')
    """
    small, medium, large = (limit / (fewest - 1) ** 0.5 for limit in (0.1, 0.3, 0.5))
    words = f"Cohen’s convention for this table: {small:.2g} small, {medium:.2g} medium, {large:.2g} large"
    return Scale((small, medium, large), words)


def judged(scale: Scale, value: float, low: float | None, high: float | None, thing: str) -> str:
    """Say how large an effect is, and how far its interval lets one be sure of that.

    Parameters
    ----------
    scale : Scale
        The convention.
    value : float
        The effect; 0 for none.
    low, high : float or None
        Its 95 % interval.
    thing : str
        What it is: "difference" or "relation".

    Returns
    -------
    str
        One sentence.

    Examples
    --------
    >>> judged(SCALES["hedges_g"], 0.6, 0.55, 0.65, "difference")
    'That is a medium difference.'
    >>> judged(SCALES["hedges_g"], 0.3, -0.1, 0.7, "difference")
    'These rows do not settle whether there is a difference at all: it may be anything from none to medium.'
    >>> judged(SCALES["hedges_g"], 0.05, 0.01, 0.09, "difference")
    'There is a difference, but it is too small to matter by the usual convention.'
    """
    size = scale.size(value)
    if low is None or high is None:
        return f"That is {_a(size)} {thing}, but these rows do not tell how sure it is."
    least = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
    smallest, largest = scale.size(least), scale.size(max(abs(low), abs(high)))
    if largest == SIZES[0] and low <= 0 <= high:
        return f"If there is any {thing}, it is too small to matter by the usual convention."
    if largest == SIZES[0]:
        return f"There is {_a(thing)}, but it is too small to matter by the usual convention."
    if low <= 0 <= high:
        return (
            f"These rows do not settle whether there is {_a(thing)} at all: it may be anything from none to "
            f"{largest}."
        )
    if smallest == largest:
        return f"That is {_a(size)} {thing}."
    return f"That is {_a(size)} {thing}, but it may be anything from {smallest} to {largest}."


def _a(word: str) -> str:
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def chance_words(p: float, nothing: str, thing: str) -> str:
    """Say what a p-value means.

    Parameters
    ----------
    p : float
        Between 0 and 1.
    nothing : str
        What is supposed, such as "the groups did not differ".
    thing : str
        What was found: "difference" or "relation".

    Returns
    -------
    str
        One correct sentence.

    Examples
    --------
    >>> chance_words(0.0004, "the groups did not differ", "difference")[30:]
    'a difference at least as large would appear by chance in less than 1 of 1,000 such tables.'
    """
    return f"If {nothing}, {_a(thing)} at least as large would appear by chance in {often(p)} such tables."


def often(p: float) -> str:
    """Say how often something happens.

    Parameters
    ----------
    p : float
        Between 0 and 1.

    Returns
    -------
    str
        A count that is easy to picture, followed by "of".

    Examples
    --------
    >>> often(0.0321), often(0.003), often(1e-9), often(0.999)
    ('about 3 of 100', 'about 3 of 1,000', 'less than 1 of 1,000', 'nearly all')
    """
    if p < 0.001:
        return "less than 1 of 1,000"
    if p < 0.00995:
        return f"about {round(1000 * p)} of 1,000"
    return "nearly all" if p >= 0.995 else f"about {round(100 * p)} of 100"


def remarks(n_used: int) -> tuple[str, ...]:
    """List what must be known to read any comparison of two columns.

    Parameters
    ----------
    n_used : int
        Rows that were compared.

    Returns
    -------
    tuple of str
        Plain sentences.

    Examples
    --------
    >>> len(remarks(100)), len(remarks(1_000_000))
    (3, 4)
    """
    many = (
        f"With {n_used:,} rows nearly everything is “significant”, also what is far too small to matter: "
        "look "
        "at the size, not at the p-value.",
    )
    return (
        *(many if n_used >= MANY_ROWS else ()),
        "Of 20 comparisons in which there is nothing, about one has a p-value below 0.05 by chance. If you "
        "looked at many before this one, check it on new rows.",
        "All figures treat rows as independent. Where rows belong together (the same person, days in a row) "
        "the intervals are too narrow.",
        "Going together is no proof that one causes the other.",
    )


def few_rows(n: int) -> str:
    """Begin the sentence that too few rows have something.

    Parameters
    ----------
    n : int
        How many have it.

    Returns
    -------
    str
        Such as "Only 3 rows have".

    Examples
    --------
    >>> few_rows(0), few_rows(1), few_rows(3)
    ('No row has', 'Only 1 row has', 'Only 3 rows have')
    """
    return f"Only {counted(n, 'row')} {'has' if n == 1 else 'have'}" if n else "No row has"
