"""Lets through of an SVG text only what draws shapes and words: a picture comes from a browser."""

import re
from collections.abc import Iterator
from html import escape
from xml.etree import ElementTree as Tree

from markupsafe import Markup

PICTURE_MOST = 1_000_000
"""Characters of one picture; a larger one fits into no file of a board."""

# Labels can hold them, and no XML can: without this one such label would cost the whole picture.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SPACE = "{http://www.w3.org/2000/svg}"
_DEPTH = 40  # ECharts nests a few groups
_WORDS = ("text", "tspan")
_TAGS = frozenset(
    (
        *("svg", "g", "defs", "clipPath", "linearGradient", "stop", *_WORDS),
        *("path", "rect", "circle", "ellipse", "line", "polyline", "polygon"),
    )
)
# Nothing among them refers to anything but a part of the same picture.
_PLAIN = frozenset(
    (
        *("x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "dx", "dy", "width", "height"),
        *("d", "points", "transform", "viewBox", "visibility", "opacity", "offset", "paint-order"),
        *("fill", "fill-opacity", "fill-rule", "clip-rule", "stop-color", "stop-opacity", "clipPathUnits"),
        *("stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-dashoffset"),
        *("stroke-linecap", "stroke-linejoin", "stroke-miterlimit", "gradientUnits", "gradientTransform"),
        *("text-anchor", "dominant-baseline", "font-size", "font-family", "font-weight", "font-style"),
    )
)
_VALUE = re.compile(r"""[\w\s.,%#()+'"/-]*""")
_REFERENCE = re.compile(r"url\(#([\w-]+)\)")
_STYLES = re.compile(r"(font(-(size|family|weight|style))?|text-anchor|dominant-baseline|white-space)")


def clean(text: str, prefix: str) -> Markup:
    """Write the shapes and words of an SVG text anew; nothing where it is no SVG that can be read.

    What could run, load or refer to anything outside is left out. `prefix` keeps the names within this
    picture apart from those of the others on a page.

    >>> space = 'xmlns="http://www.w3.org/2000/svg"'
    >>> clean(f'<svg {space}><a/><text x="1" onload="e()">&lt;b&gt;</text></svg>', "p")
    Markup('<svg><text x="1">&lt;b&gt;</text></svg>')
    """
    if len(text) > PICTURE_MOST or "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
        return Markup()
    try:
        root = Tree.fromstring(_UNWRITABLE.sub("", text))  # noqa: S314  # a DOCTYPE alone declares entities
    except (Tree.ParseError, ValueError):
        return Markup()
    if root.tag != f"{_SPACE}svg":
        return Markup()
    return Markup("".join(_written(root, prefix, _DEPTH)))  # noqa: S704  # tags are ours, the rest is escaped


def _written(element: Tree.Element, prefix: str, depth: int) -> Iterator[str]:
    """An element and what it holds; one that is not known goes with all that it holds."""
    tag = element.tag.removeprefix(_SPACE) if isinstance(element.tag, str) else ""
    if tag not in _TAGS or depth == 0:
        return
    yield f"<{tag}{''.join(_attributes(element, prefix))}>"
    if tag in _WORDS:
        yield escape(element.text or "")
    for child in element:
        yield from _written(child, prefix, depth - 1)
        if tag in _WORDS:
            yield escape(child.tail or "")
    yield f"</{tag}>"


def _attributes(element: Tree.Element, prefix: str) -> Iterator[str]:
    for name, value in element.attrib.items():
        kept = _kept(name, value, prefix)
        if kept:
            yield f' {name}="{escape(kept)}"'


def _kept(name: str, value: str, prefix: str) -> str:
    """The value that an attribute keeps; an empty one where it may not stay."""
    if name == "id":
        return f"{prefix}-{value}" if re.fullmatch(r"[\w-]+", value) else ""
    if name == "style":
        return ";".join(_styles(value))
    reference = _REFERENCE.fullmatch(value)
    if name in ("fill", "stroke", "clip-path") and reference:
        return f"url(#{prefix}-{reference[1]})"
    is_plain = name in _PLAIN and _VALUE.fullmatch(value) and "url" not in value.lower()
    return value if is_plain else ""


def _styles(value: str) -> Iterator[str]:
    """The declarations of a style that say how words look."""
    for declaration in value.split(";"):
        name, _, said = (part.strip() for part in declaration.partition(":"))
        if _STYLES.fullmatch(name) and _VALUE.fullmatch(said) and "url" not in said.lower():
            yield f"{name}:{said}"
