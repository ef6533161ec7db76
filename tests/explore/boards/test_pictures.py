"""Pictures from browsers: shapes and words pass, whatever could run or load does not."""

from __future__ import annotations

import pytest

from beanft.explore.boards.pictures import PICTURE_MOST, clean

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'


def body(inside: str) -> str:
    return str(clean(SVG.format(inside), "c1")).removeprefix("<svg>").removesuffix("</svg>")


@pytest.mark.parametrize(
    "inside",
    [
        "<script>e()</script>",
        "<style>@import url(//x)</style>",
        "<foreignObject><p>e</p></foreignObject>",
        "<image href='//x'/>",
        "<image xlink:href='data:image/svg+xml,x'/>",
        "<use href='#a'/>",
        "<a href='javascript:e()'><rect/></a>",
        "<animate onbegin='e()'/>",
        "<title>&lt;script&gt;</title>",
        "<desc><p>e</p></desc>",
        "<x:script xmlns:x='http://www.w3.org/1999/xhtml'>e()</x:script>",
        "<!-- <script>e()</script> -->",
        "<?php e() ?>",
    ],
)
def test_what_runs_or_loads_is_left_out(inside: str) -> None:
    assert body(inside) == ""


@pytest.mark.parametrize(
    "attribute",
    [
        "onload='e()'",
        "fill='url(//x)'",
        "fill='url(#a) url(//x)'",
        "style='fill:url(//x)'",
        "style='font-size:12px&quot; onload=&quot;e()'",
        "style='font-family:expression(e())\\3c'",
        "href='//x'",
        "xlink:href='//x'",
        "class='a'",
        "id='a&quot; b'",
        "d='&lt;script&gt;'",
        "filter='url(#a)'",
    ],
)
def test_attributes_that_lead_anywhere_are_left_out(attribute: str) -> None:
    assert body(f"<rect {attribute}/>") == "<rect></rect>"


def test_shapes_words_and_references_within_the_picture_stay() -> None:
    text = (
        "<text x='1' style='font-size:12px;font-family:Inter, sans-serif'>a <tspan>b</tspan> &lt;i&gt;</text>"
    )
    kept = (
        '<text x="1" style="font-size:12px;font-family:Inter, sans-serif">a <tspan>b</tspan> &lt;i&gt;</text>'
    )
    assert body(text) == kept
    clip = "<defs><clipPath id='z0'><rect/></clipPath></defs><g clip-path='url(#z0)'><path d='M1-2.5e3'/></g>"
    written = body(clip)
    assert '<clipPath id="c1-z0">' in written
    assert '<g clip-path="url(#c1-z0)"><path d="M1-2.5e3">' in written


def test_labels_that_xml_cannot_hold_do_not_cost_the_picture() -> None:
    assert body("<text>a\x00b\x08c\ufffe</text>") == "<text>abc</text>"


@pytest.mark.parametrize(
    "text",
    [
        *("", "text", "<svg", "<svg/>", "<html/>", "\x00", "<p>x</p>"),
        '<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG.format("<text>&a;</text>"),
        SVG.format("<text>&nbsp;</text>"),
        SVG.format("<text>" + "x" * PICTURE_MOST + "</text>"),
    ],
)
def test_what_is_no_picture_gives_nothing(text: str) -> None:
    assert clean(text, "c1") == ""


def test_nesting_without_end_is_cut_off() -> None:
    deep = "<g>" * 5000 + "<rect/>" + "</g>" * 5000
    assert "rect" not in body(deep)
