"""What the numbers of an explanation say, one plain sentence each."""

from collections.abc import Mapping
from typing import Any

from beanft.engine.learning.metrics import METRIC
from beanft.engine.tables.wording import counted, listed, shown
from beanft.filters import figure, number, percent, score

NOT_CAUSES = "This is what the model does, not what causes what."
"""Stands on every page of explanations."""

_WHY = {"wrong": "far off", "unsure": "unsure", "typical": "typical"}


def said(result: Mapping[str, Any]) -> str:
    """What is explained: a class's probability or the target.

    >>> said({"label": "yes", "target": "paid"}), said({"label": None, "target": "price"})
    ('probability of “yes”', 'predicted price')
    """
    label = result.get("label")
    return f"predicted {result['target']}" if label is None else f"probability of {shown(label, 30)}"


def unit(result: Mapping[str, Any]) -> str:
    """The unit of effects and contributions."""
    return f"units of {result['target']}" if result.get("label") is None else "probability"


def amount(value: float | None, result: Mapping[str, Any]) -> str:
    """A prediction in words: probabilities with three decimals, for smaller ones say nothing more.

    >>> amount(2e-21, {"label": "yes"}), amount(0.25, {"label": "yes"}), amount(1234.5, {"label": None})
    ('below 0.001', '0.250', '1,230')
    """
    if value is None or result.get("label") is None:
        return score(value)
    return "below 0.001" if 0 < value < 0.0005 else f"{value:.3f}"


def part_name(part: Mapping[str, Any]) -> str:
    """Name a column, or columns taken together."""
    columns = part["columns"]
    return columns[0] if len(columns) == 1 else f"{len(columns)} columns: {listed(columns)}"


def measure(importance: Mapping[str, Any]) -> str:
    """What the bars of the importances measure."""
    if importance["metric"]:
        return f"how much worse {METRIC[importance['metric']].title} gets"
    return "how far the predictions move"


def importance_sentence(importance: Mapping[str, Any]) -> str:
    """Which column matters most, and how many do not."""
    parts = importance["columns"]
    first = parts[0]
    title = shown(first["columns"][0], 60)
    moved = "shuffling its values"
    if first["low"] is not None and first["low"] <= 0:
        return "No column matters so much that it can be told apart from chance on these rows."
    if importance["metric"]:
        effect = f"makes {METRIC[importance['metric']].title} worse by {score(first['value'])}"
    else:
        effect = f"moves the predictions by {score(first['value'])}"
    text = f"{title} matters most: {moved} {effect}{_ends(first)}."
    idle = sum(part["low"] is None or part["low"] <= 0 for part in parts)
    if idle and len(parts) > 1:
        text += f" {counted(idle, 'column')} of {len(parts)} cannot be told apart from no importance at all."
    return text


def _ends(part: Mapping[str, Any]) -> str:
    if part["low"] is None:
        return ""
    return f" (95 % interval {score(part['low'])} to {score(part['high'])})"


def importance_method(importance: Mapping[str, Any]) -> str:
    """How the importances were measured, and on which rows."""
    n, of = importance["n_rows"], importance["of_rows"]
    rows = f"all {n:,}" if n == of else f"{n:,} of the {of:,}"
    if importance.get("all_rows"):
        rows += (
            " rows that it learned from: after it was judged it learned from all rows, the locked ones too. "
            "So this is how far its predictions move; its own page says how much worse it got on unseen rows"
        )
    elif not importance["unseen"]:
        rows += " rows that it learned from, because too few are locked; unseen rows may differ"
    elif importance["metric"]:
        rows += " locked rows, which it did not learn from"
    else:
        rows += (
            " locked rows, without their true values: these were opened for the final model only, so this is "
            "how far the predictions move, not how much worse they get"
        )
    shuffles = counted(importance["repeats"], "shuffle")
    text = f"Measured on {rows}; {shuffles} of each column, intervals over shuffles and resampled rows."
    if importance["n_skipped"]:
        text += (
            f" For {counted(importance['n_skipped'], 'column or group', 'columns or groups')} time ran out."
        )
    if len(importance["columns"]) < importance["n_columns"]:
        text += f" The {len(importance['columns'])} most important of {importance['n_columns']:,} are listed."
    return text


def groups_sentence(importance: Mapping[str, Any]) -> str:
    """Why groups are listed beside their members; empty where there are none."""
    if not importance["groups"]:
        return ""
    return (
        "These columns go together, so each alone can look less important than it is: the model can read the "
        "other. "
        "Shuffled together they show what all of them are worth."
    )


def effect_sentence(effect: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    """How the mean prediction goes with a column."""
    column, means = effect["column"], effect["mean"]
    text, known = said(result), _trusted(effect)
    low, high = min(known, key=lambda i: means[i]), max(known, key=lambda i: means[i])
    if means[high] - means[low] <= 1e-9 * max(1.0, abs(means[high])):
        level = amount(means[high], result)
        return f"The mean {text} stays at {level}, whatever {shown(column, 60)} is{_where(effect)}."
    at = "for" if effect["scale"] == "level" else "at"
    lowest, highest = (f"{amount(means[i], result)} {at} {value_words(effect, i)}" for i in (low, high))
    if effect["scale"] == "level":
        return f"The mean {text} is highest with {highest}, and lowest with {lowest}."
    return _grown(effect, result) or f"The mean {text} lies between {lowest} and {highest}."


def _grown(effect: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    """How the mean rises or falls from the first to the last point; empty where it does both."""
    inner = [i for i in _trusted(effect) if effect["labels"][i] is not None]
    means = [effect["mean"][i] for i in inner]
    rises, falls = means == sorted(means), means == sorted(means, reverse=True)
    if rises == falls:
        return ""
    first, last = (
        f"{amount(effect['mean'][i], result)} at {value_words(effect, i)}" for i in (inner[0], inner[-1])
    )
    way = f"{'rises' if rises else 'falls'} from {first} to {last}"
    return f"As {shown(effect['column'], 60)} grows, the mean {said(result)} {way}."


def _trusted(effect: Mapping[str, Any]) -> list[int]:
    """The points that a sentence may quote: those with rows nearby, or all where fewer than two have them."""
    known = [i for i, mean in enumerate(effect["mean"]) if mean is not None]
    trusted = [i for i in known if not effect["thin"][i]]
    n_placed = sum(effect["scale"] == "level" or effect["labels"][i] is not None for i in trusted)
    return trusted if n_placed > 1 else known


def _where(effect: Mapping[str, Any]) -> str:
    """Where a level was seen: points that a sentence leaves out may lie elsewhere."""
    n_known = sum(mean is not None for mean in effect["mean"])
    return "" if len(_trusted(effect)) == n_known else " where rows lie near"


def effect_method(effect: Mapping[str, Any]) -> str:
    """On which rows an effect was measured, and where it is thin."""
    rows, thin, other = counted(effect["n_rows"], "row"), sum(effect["thin"]), effect["n_other"]
    text = f"Averaged over {rows} that it learned from, with 95 % intervals over resampled rows."
    if thin:
        text += f" Hollow points ({thin} of {len(effect['thin'])}) have too few rows nearby to trust."
    if other:
        text += f" Rarer values are not shown ({counted(other, 'row')})."
    return text


def value_words(effect: Mapping[str, Any], place: int) -> str:
    """A value of a column in words."""
    label = effect["labels"][place]
    if label is None:
        return "a missing value"
    return figure(label, effect["column"]) if isinstance(label, (int, float)) else shown(label, 40)


def pairs_sentence(result: Mapping[str, Any]) -> str:
    """Which two columns act together most."""
    pairs = result["pairs"]["pairs"]
    if not pairs or not pairs[0]["strength"]:
        return "No two of these columns act together: the model adds up what each does alone."
    first = pairs[0]
    one, other = (shown(name, 60) for name in first["columns"])
    return (
        f"{one} and {other} act together most: what they do jointly, beyond the sum of both, is typically "
        f"{score(first['strength'])} in {unit(result)}, {percent(first['share'])} of their common effect."
    )


def pairs_method(result: Mapping[str, Any]) -> str:
    """How pairs were measured."""
    pairs = result["pairs"]
    text = (
        f"Friedman's H over the pairs of the {pairs['n_columns']} most important columns, on up to 40 rows."
    )
    if pairs["cut_short"]:
        text += f" Time ran out after {counted(pairs['n_measured'], 'pair')}."
    return text


def surface_sentence(surface: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    """Where the mean prediction over two columns is highest and lowest."""
    cells = [
        (value, i, j)
        for j, row in enumerate(surface["mean"])
        for i, value in enumerate(row)
        if value is not None and surface["counts"][j][i]
    ]
    if not cells:
        return "No two of these values occur together in the rows looked at."
    low, high, across, down = min(cells), max(cells), surface["across"], surface["down"]
    places = [
        f"{amount(value, result)} where {across['column']} is {value_words(across, i)} "
        f"and {down['column']} is {value_words(down, j)}"
        for value, i, j in (high, low)
    ]
    return (
        f"Among values that occur together, the mean {said(result)} is highest with {places[0]}, "
        f"and lowest with {places[1]}."
    )


def prediction_words(result: Mapping[str, Any]) -> str:
    """What is predicted for a row."""
    if not result["chances"]:
        return f"{result['target']}: {number(result['predicted'])}"
    return f"{shown(str(result['predicted']), 60)} with a probability of {percent(result['chances'][0][1])}"


def row_sentence(result: Mapping[str, Any]) -> str:
    """From the average to the row, and which columns did most."""
    shares = [share for share in result["shares"] if share["value"]]
    base, end = amount(result["base"], result), amount(result["prediction"], result)
    start = f"On average the {said(result)} is {base}; for this row it is {end}."
    if not shares:
        return f"{start} No column changes that."
    text = []
    for sign, verb in ((1, "raises it most, by"), (-1, "lowers it most, by")):
        found = [share for share in shares if share["value"] * sign > 0]
        if found:
            best = max(found, key=lambda share: abs(share["value"]))
            text.append(f"{_share_name(best, result)} {verb} {score(abs(best['value']))}")
    return f"{start} {'; '.join(text)}."


def _share_name(share: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    columns = share["columns"]
    if len(columns) > 1:
        return f"{len(columns)} other columns together"
    return f"{shown(columns[0], 60)} = {cell(result['values'][columns[0]], columns[0])}"


def cell(value: Any, column: str) -> str:
    """A value of a row in words.

    >>> cell(None, "a"), cell(2009, "year"), cell("x", "a")
    ('missing', '2009', 'x')
    """
    return "missing" if value is None else figure(value, column)


def share_name(share: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    """Name a contribution with the row's value."""
    columns = share["columns"]
    if len(columns) > 1:
        return f"{len(columns)} other columns"
    return f"{columns[0]} = {cell(result['values'][columns[0]], columns[0])}"


def row_method(result: Mapping[str, Any]) -> str:
    """How contributions were computed."""
    rows = counted(result["n_background"], "row")
    how = (
        "from all combinations of the columns"
        if result["exact"]
        else f"approximated by {result['n_orders']} random orders of the columns for each of them"
    )
    return (
        f"Shapley values, compared with {rows} that it learned from, {how}. "
        f"They add up to the prediction minus the average of these rows, in {unit(result)}; "
        "± is the standard error."
    )


def known_sentence(known: Mapping[str, Any], target: str) -> str:
    """What is known of a row of the table beside the model's prediction."""
    if known["place"] == "outside":
        return "This row took no part in the training."
    truth = f"Its true {target} is {_value(known['truth'])}."
    if known["place"] == "locked":
        if known["truth"] is None:
            return "This is one of the locked rows; its true value was not opened for this model."
        if known.get("all_rows"):
            return f"This was a locked row until the model was judged; then it learned from all rows. {truth}"
        return f"This is one of the locked rows, which the model did not learn from. {truth}"
    text = f"{truth} The model learned from this row"
    if known["predicted"] is None:
        return f"{text}."
    chance = f" ({percent(known['chance'])})" if known["chance"] is not None else ""
    return f"{text}; while the row was unseen, {_value(known['predicted'])}{chance} was predicted."


def _value(value: Any) -> str:
    return shown(value, 60) if isinstance(value, str) else number(value)


def similar_sentence(result: Mapping[str, Any]) -> str:
    """What became of the most similar rows."""
    rows = result["similar"]
    if not rows:
        return "There is no other row to compare it with."
    if not result["chances"]:
        values = [row["truth"] for row in rows if row["truth"] is not None]
        low, high = number(min(values)), number(max(values))
        return f"The true {result['target']} of the {len(rows)} most similar rows lies from {low} to {high}."
    same = sum(row["truth"] == result["predicted"] for row in rows)
    return f"{same} of the {len(rows)} most similar rows are {shown(str(result['predicted']), 60)} in truth."


def case_words(case: Any) -> str:
    """Why a row is worth explaining."""
    chance = f" with {percent(case.chance)}" if case.chance is not None else ""
    return f"{_WHY[case.why]}: {_value(case.predicted)}{chance}, in truth {_value(case.truth)}"


def goal_words(result: Mapping[str, Any]) -> str:
    """What a search for changes aims at."""
    goal = result["goal"]
    if "value" in goal:
        side = "above" if goal["above"] else "below"
        return f"a predicted {result['target']} {side} {number(goal['value'])}"
    return "another class" if goal["label"] is None else f"the class {shown(goal['label'], 60)}"


def counter_sentence(result: Mapping[str, Any]) -> str:
    """What a search for changes found."""
    goal = goal_words(result)
    if result["already"]:
        return f"Nothing has to change: the row already has {goal}."
    if not result["changes"]:
        text = f"None found: no change of up to {result['most']} columns that was tried leads to {goal}."
        return f"{text} A change may exist that the search missed." if result["n_tried"] else text
    steps = result["changes"][0]["steps"]
    change = " and ".join(
        f"{shown(step['column'], 60)} were {cell(step['to'], step['column'])} "
        f"instead of {cell(step['from'], step['column'])}"
        for step in steps
    )
    size = " This is a large change, beyond the middle half of the values." if is_large(result) else ""
    return (
        f"If {change}, the model would predict {prediction_words({**result, **result['changes'][0]})}.{size}"
    )


def is_large(result: Mapping[str, Any]) -> bool:
    """Whether the best change moves a number by more than the middle half of its values spans."""
    return bool(result["changes"][0].get("large"))


def counter_method(result: Mapping[str, Any]) -> str:
    """How changes were searched for."""
    text = f"{result['n_tried']:,} changed rows were tried, each with values that occur in the data."
    if result["locked"]:
        text += f" Not changed: {listed(result['locked'])}."
    if result["texts"]:
        text += f" Free text is not changed: {listed(result['texts'])}."
    return f"{text} Time ran out before the search was done." if result["cut_short"] else text
