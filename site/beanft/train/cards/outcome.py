"""The sections on a model's answers: threshold, calibration, findings, columns, failures, groups."""

from collections.abc import Mapping
from typing import Any

from beanft.agreed import worst_first
from beanft.engine.findings import Finding
from beanft.engine.learning.compared.curves import Curve
from beanft.engine.learning.learners import BASELINE
from beanft.engine.learning.metrics import METRIC
from beanft.filters import number, plus_minus, score
from beanft.models import TrainedModel
from beanft.train.cards.parts import Picture, Section, cut, table
from beanft.train.cards.scores import interval
from beanft.train.sentinel import services as sentinel
from beanft.train.threshold.panel import PER, make_panel

_BARS = 12  # columns in the picture of the importances
_LISTED = 30  # columns in the table of them, and findings
_COSTS = {
    "false_positive": "cost of a false alarm",
    "false_negative": "cost of a miss",
    "true_positive": "gain of a find",
    "true_negative": "gain of a row rightly left alone",
}


def threshold(model: TrainedModel) -> tuple[Section, ...]:
    """The probability from which on a row counts as the second class; nothing but for two classes."""
    labels: list[str] = model.schema_json.get("labels") or []
    if len(labels) != 2:
        return ()
    chosen = model.threshold_json or {}
    positive = cut(str(chosen.get("positive", labels[1])), 80)
    value = chosen.get("threshold", chosen.get("value"))
    if value is None:
        text = f"The usual one: a row counts as “{positive}” from a probability of 0.5 on."
        return (Section(key="threshold", title="Threshold", texts=(text,)),)
    costs = chosen.get("costs") or {}
    said = [f"{words} {number(costs[key])}" for key, words in _COSTS.items() if costs.get(key) is not None]
    because = f" It follows from these costs: {', '.join(said)}." if said else ""
    text = (
        f"Its owner chose that a row counts as “{positive}” from a probability of {score(value)} on.{because}"
    )
    return (Section(key="threshold", title="Threshold", texts=(text, *_threshold_doubts(model))),)


def _threshold_doubts(model: TrainedModel) -> tuple[str, ...]:
    """What it costs with luck taken out, that no threshold beats 0.5, that the model is another one now."""
    panel = make_panel(model)
    if panel is None:
        return ()
    doubts = [f"For {PER:,} rows to come expect a cost of {panel.cost_words}, 95 % interval in brackets."]
    if not panel.beats_usual:
        doubts.append(
            "With these costs no threshold is better than 0.5 beyond luck, so this one may be no gain."
        )
    if panel.outdated:
        doubts.append("It was saved for the model before it was trained further.")
    return tuple(doubts)


def reliability(model: TrainedModel, curve: Curve | None) -> Section:
    """Whether what it says comes true, with the picture."""
    is_number = model.run.experiment.task == "regression"
    title = "Predicted against true" if is_number else "What its probabilities are worth"
    if curve is None:
        text = "What it said of unseen rows was not kept, so this cannot be shown."
        return Section(key="reliability", title=title, texts=(text,))
    labels: list[str] = model.schema_json.get("labels") or []
    said = f"“{cut(str(labels[1]), 60)}”" if len(labels) == 2 else "the class that was chosen"
    text = (
        "Unseen rows in up to ten parts by what was predicted: each mark is one part, its line the 95 % "
        "interval of the truth. On the diagonal the predictions are right on average."
        if is_number
        else f"Unseen rows in up to ten parts by the probability of {said}: each mark is one part, its line "
        "the 95 % interval of the share that came true. On the diagonal a probability means what it says."
    )
    heads = ("Predicted", "Mean true" if is_number else "Came true", "95 % interval")
    rows = [
        (score(x), score(y), f"{score(low)} to {score(high)}")
        for x, y, low, high in zip(curve.x, curve.y, curve.low, curve.high, strict=True)
    ]
    return Section(
        key="reliability",
        title=title,
        texts=(text,),
        picture=_diagonal(curve, is_number=is_number),
        table=table("reliability", "The marks as numbers", heads, rows),
    )


def _diagonal(curve: Curve, *, is_number: bool) -> Picture:
    low, high = (0.0, 1.0)
    if is_number:
        ends = (*curve.x, *curve.low, *curve.high)
        low, high = min(ends), max(ends)
    reach = (high - low) or 1.0
    marks = tuple(
        tuple(round((value - low) / reach, 4) for value in mark)
        for mark in zip(curve.x, curve.y, curve.low, curve.high, strict=True)
    )
    return Picture(
        kind="diagonal",
        words=f"{len(marks)} marks beside the diagonal; the table has their numbers.",
        marks=marks,  # type: ignore[arg-type]  # four values each
        ends=(score(low), score(high)) if is_number else ("0", "1"),
        axes=("predicted", "mean true") if is_number else ("probability said", "share that came true"),
    )


def findings(model: TrainedModel) -> Section:
    """What the checks found, and what the owner decided about it."""
    experiment = model.run.experiment
    found = sentinel.findings_of(experiment)
    if not found:
        checked = (experiment.result_json or {}).get("checked")
        text = (
            "The checks that were made before and after training found nothing."
            if checked
            else "The checks before and after training were not made here, so nothing is known."
        )
        return Section(key="findings", title="Findings and decisions", texts=(text,))
    decided = {(one["code"], *one["columns"]): one for one in sentinel.decisions_of(experiment)}
    items = [_finding(one, decided.get((one.code, *one.columns))) for one in found[:_LISTED]]
    more = (f"The first {_LISTED} of {len(found)}.",) if len(found) > _LISTED else ()
    return Section(key="findings", title="Findings and decisions", texts=more, items=tuple(items))


def _finding(one: Finding, decision: Mapping[str, Any] | None) -> str:
    said = f"{one.severity.capitalize()}: {one.sentence}"
    if decision is None:
        return cut(f"{said} Nothing was decided about it.")
    again = f" as experiment {decision['experiment']}" if decision.get("experiment") else ""
    why = f" Why: {decision['why']}" if decision.get("why") else ""
    return cut(f"{said} Decided: {decision.get('decision', 'kept')}{again}.{why}")


def importance(model: TrainedModel, explained: Mapping[str, Any] | None) -> Section:
    """Which columns it needs, from the explanation where there is one, else from the report."""
    title = "Which columns it needs"
    if model.run.learner == BASELINE:
        return Section(key="importance", title=title, texts=("The baseline looks at no column.",))
    made = (explained or {}).get("importance") or model.report_json.get("importance") or {}
    if (made.get("n_columns") or 0) < (made.get("of_columns") or 0):
        text = (
            f"There was no time to measure every column ({made['n_columns']:,} of {made['of_columns']:,} "
            "were), so none are shown: those that were left out may be the ones it needs. Explaining the "
            "model measures them all."
        )
        return Section(key="importance", title=title, texts=(text,))
    columns = [one for one in made.get("columns") or () if _mean(one) is not None]
    if not columns:
        return Section(key="importance", title=title, texts=("It was not measured for this model.",))
    metric = METRIC.get(made.get("metric", ""))
    measure = f"How much worse {metric.title} gets" if metric else "How far the predictions move"
    text = (
        f"{measure} when the values of one column are shuffled, on "
        f"{number(made.get('n_rows'))} rows{_learned(made)}. About 0: the model does without the column; two "
        f"columns that say the same can both look unimportant."
    )
    most = max((abs(_mean(one) or 0.0) for one in columns), default=0.0) or 1.0
    bars = tuple(
        (_name(one, 40), round(max(0.0, _mean(one) or 0.0) / most, 4), _spread(one)) for one in columns
    )
    rows = [(_name(one, 120), _spread(one)) for one in columns[:_LISTED]]
    caption = "The most important columns" if len(columns) > _LISTED else "Importance of the columns"
    return Section(
        key="importance",
        title=title,
        texts=(text,),
        picture=Picture(kind="bars", words="The table has the numbers of these bars.", bars=bars[:_BARS]),
        table=table("importance", caption, ("Column", "Importance"), rows),
    )


def _learned(made: Mapping[str, Any]) -> str:
    """That the rows were known to the model, which flatters what it leans on most."""
    known = made.get("rows") == "learned" or made.get("unseen") is False
    return " that it had learned from" if known else ""


def _mean(one: Mapping[str, Any]) -> float | None:
    value = one.get("mean", one.get("value"))
    return value if isinstance(value, (int, float)) else None


def _name(one: Mapping[str, Any], most: int) -> str:
    return cut(str(one.get("name") or ", ".join(map(str, one.get("columns") or ()))), most)


def _spread(one: Mapping[str, Any]) -> str:
    if one.get("low") is not None and one.get("high") is not None:
        return f"{score(_mean(one))} ({score(one['low'])} to {score(one['high'])})"
    return plus_minus(_mean(one), one.get("sd"))


def failures(model: TrainedModel) -> Section:
    """Kinds of rows on which it errs more than on the others."""
    slices = model.report_json.get("slices")
    slices = worst_first(slices) if slices else None
    looked = (slices or {}).get("looked") or 0
    kinds = f"{number(looked)} {'kind' if looked == 1 else 'kinds'} of rows"
    if slices is None:
        text = "It was not measured on which kinds of rows it errs more than on others."
    elif not slices.get("found"):
        text = f"Looking at {kinds}, none was found on which it errs more than chance could show."
    else:
        text = f"Of {kinds} that were looked at, it errs more on these than on the others, beyond chance:"
    items = tuple(cut(one.get("sentence") or one.get("words", "")) for one in (slices or {}).get("found", ()))
    return Section(key="failures", title="Where it fails", texts=(text,), items=items)


def fairness(groups: Mapping[str, Any] | None, problem: str) -> Section:
    """How it treats groups of rows, where a column was chosen; `problem` says why it cannot be told."""
    if problem:
        return Section(key="fairness", title="Groups", texts=(problem,))
    if groups is None:
        text = "This card was made without figures by group. Choose a column on its page to put them in."
        return Section(key="fairness", title="Groups", texts=(text,))
    measures = groups["measures"]
    rows = [
        (
            one["label"],
            number(one["n_rows"]),
            *(interval(one["figures"].get(each["key"])) for each in measures),
        )
        for one in groups["groups"]
    ]
    text = f"Unseen rows by “{cut(groups['column'], 80)}”; differences are to the largest group."
    heads = ("Group", "Rows", *(each["title"] for each in measures))
    return Section(
        key="fairness",
        title="Groups",
        texts=(text,),
        items=tuple(cut(sentence) for sentence in groups["sentences"]),
        table=table("groups", "Figures by group with 95 % intervals in brackets", heads, rows),
    )
