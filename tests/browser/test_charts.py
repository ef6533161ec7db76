"""The chart builder in a real browser: built by keyboard, clicked through, a range selected, taken along."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.etree import ElementTree

from playwright.sync_api import Page, expect

from browser_stage import assert_accessible, register

CSV = "species,mass,price,sex\n" + "".join(
    f"{('Adelie', 'Gentoo', '<b>x</b>')[n % 3]},{3000 + 37 * n % 1900}.5,{n * 13 % 101}.25,{'fm'[n % 2]}\n"
    for n in range(120)
)


def bring(page: Page, path: Path, content: str = CSV) -> str:
    """Upload the table, and return the address of its charts."""
    path.write_text(content)
    page.goto("/datasets/new")
    page.get_by_label("File with a table").set_input_files(path)
    page.get_by_role("button", name="Upload", exact=True).click()
    page.get_by_role("button", name="Read this table").click()
    expect(page.locator("main[data-object=dataset]")).to_have_attribute("data-state", "ready", timeout=60_000)
    return f"{page.url}/charts"


def tab_to(page: Page, what: str) -> None:
    """Press the tabulator until the focus is at the part with that id, name, label or text."""
    for _ in range(200):
        page.keyboard.press("Tab")
        says = page.evaluate(
            "(e => [e.id, e.getAttribute('name'), e.getAttribute('aria-label'), e.parentElement.id,"
            " e.innerText?.trim()])(document.activeElement)"
        )
        if what in says:
            return
    raise AssertionError(f"the keyboard does not reach {what}")


def asked(page: Page) -> dict[str, list[str]]:
    """The parts of the address."""
    return parse_qs(urlsplit(page.url).query)


def at(page: Page, x: float, y: float) -> tuple[float, float]:
    """A place on the picture, by shares of its width and height."""
    page.locator("#picture").scroll_into_view_if_needed()
    box = page.locator("#picture").bounding_box()
    assert box is not None
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def test_a_chart_is_built_clicked_through_narrowed_and_taken_along(page: Page, tmp_path: Path) -> None:
    register(page, "chara")
    charts = bring(page, tmp_path / "birds.csv")
    page.goto(charts)
    expect(page.get_by_role("heading", name="Charts worth seeing")).to_be_visible()
    expect(page.locator(".suggestions canvas").first).to_be_visible()
    expect(page.locator("#picture canvas").first).to_be_visible()
    assert_accessible(page)

    # The gallery works by keyboard, and the page is not loaded anew.
    page.evaluate("window.unloaded = false")
    page.get_by_role("radio", name="Density").focus()
    page.keyboard.press("ArrowRight")
    title = page.locator("#chart-title")
    expect(title).to_have_text("Rows by species")
    expect(page.get_by_role("radio", name="Bars")).to_be_focused()
    expect(page.locator("[data-announce]")).to_have_text("Drawn: Rows by species")
    expect(page.get_by_label("y (measured)")).to_be_hidden()
    page.get_by_label("Measure", exact=True).select_option("mean")
    expect(title).to_have_text("Mean of mass by species")
    expect(page.get_by_label("y (measured)")).to_have_value("mass")
    page.get_by_text("More choices").click()
    page.get_by_label("Title").fill("<b>Mine</b>")
    page.get_by_label("Title").press("Tab")
    expect(title).to_have_text("<b>Mine</b>")
    expect(page.get_by_label("Title")).to_be_visible()
    assert page.evaluate("window.unloaded") is False
    assert asked(page) == {"kind": ["bar"], "x": ["species"], "y": ["mass"], "aggregation": ["mean"],
                           "title": ["<b>Mine</b>"]}  # fmt: skip

    # A bar leads to its rows, and so does the line of the table.
    expect(page.locator("#picture canvas").first).to_be_visible()
    page.mouse.click(*at(page, 0.5, 0.6))
    expect(page.locator("main")).to_contain_text("40 that match, 120 in all")
    page.go_back()
    page.get_by_text("Show as table").click()
    page.get_by_role("link", name="Rows of line 3").click()
    expect(page.locator("main")).to_contain_text("40 that match, 120 in all")

    # A range on the picture becomes filters of the chart, each with a way back.
    page.goto(f"{charts}?kind=scatter&x=mass&y=price")
    expect(page.locator("#picture canvas").first).to_be_visible()
    page.get_by_role("button", name="Select a range").press("Enter")
    expect(page.get_by_role("textbox", name="mass from")).to_be_focused()
    page.mouse.move(*at(page, 0.3, 0.3))
    page.mouse.down()
    page.mouse.move(*at(page, 0.7, 0.6), steps=3)
    page.mouse.up()
    expect(page.get_by_role("textbox", name="price to")).not_to_have_value("")
    page.get_by_role("button", name="Filter this chart").click()
    chips = page.locator(".chart-filters .chips")
    expect(chips).to_contain_text("mass between")
    expect(chips).to_contain_text("price between")
    page.get_by_role("link", name="Remove the filter on price").click()
    expect(chips).not_to_contain_text("price between")
    page.get_by_text("Add another filter").click()
    page.get_by_label("Column", exact=True).select_option("species")
    page.get_by_label("Value", exact=True).fill("Adelie")
    page.get_by_role("button", name="Add filter").click()
    expect(chips).to_contain_text("Adelie")
    assert_accessible(page)

    for button, name in (("PNG", "chart.png"), ("SVG", "chart.svg")):
        with page.expect_download() as download:
            page.get_by_role("button", name=button, exact=True).click()
        assert download.value.suggested_filename == name
        file = tmp_path / name
        download.value.save_as(file)
        assert file.stat().st_size > 1000
    assert ElementTree.parse(tmp_path / "chart.svg").getroot().tag == "{http://www.w3.org/2000/svg}svg"
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV of the numbers").click()
    assert download.value.suggested_filename == "chart.csv"
    header, *rows = csv.reader(Path(download.value.path()).read_text().splitlines())
    assert header == ["row", "mass", "price"]
    assert 0 < len(rows) < 40, "the filters hold for the file"

    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").press("Enter")
    expect(page.locator("[data-announce]")).to_have_text("The link copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    title = page.locator("#chart-title").inner_text()
    page.goto(copied)
    expect(page.locator("#chart-title")).to_have_text(title)
    expect(page.locator(".chart-filters .chips")).to_contain_text("Adelie")


def test_a_chart_is_built_and_saved_by_keyboard_alone(page: Page, tmp_path: Path) -> None:
    register(page, "keyla")
    page.goto(bring(page, tmp_path / "birds.csv"))
    title = page.locator("#chart-title")
    expect(page.locator("#picture canvas")).to_be_visible()
    tab_to(page, "kind-histogram")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(title).to_have_text("Rows by species")
    tab_to(page, "aggregation")
    page.keyboard.type("Median")
    expect(title).to_have_text("Median of mass by species")
    tab_to(page, "numbers")
    page.keyboard.press("Enter")
    tab_to(page, "Rows of line 1")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("40 that match, 120 in all")
    page.go_back()
    tab_to(page, "save-chart")
    page.keyboard.press("Enter")
    tab_to(page, "saved-name")
    page.keyboard.type("Medians")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("“Medians” is saved and stands on the board")


def test_the_builder_fits_a_phone_and_a_finger(page: Page, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    register(page, "phoebe")
    charts = bring(page, tmp_path / "birds.csv")
    for query in ("", "?kind=pairs", "?kind=box&x=species&y=mass&colour=sex"):
        page.goto(f"{charts}{query}")
        expect(page.locator("#picture canvas").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, query
        assert_accessible(page)


def test_the_builder_works_without_javascript(
    page: Page, browser_without_javascript: Page, tmp_path: Path
) -> None:
    register(page, "nora")
    charts = bring(page, tmp_path / "birds.csv")
    plain = browser_without_javascript
    plain.context.add_cookies(page.context.cookies())
    plain.goto(f"{charts}?kind=histogram&x=mass")
    plain.locator("#kind-bar").check(force=True)
    plain.get_by_role("button", name="Draw").click()
    expect(plain.locator("#chart-title")).to_have_text("Rows by species")
    plain.get_by_label("Measure", exact=True).select_option("median")
    plain.get_by_label("y (measured)").select_option("price")
    plain.get_by_role("button", name="Draw").click()
    expect(plain.locator("#chart-title")).to_have_text("Median of price by species")
    plain.get_by_text("Show as table").click()
    plain.get_by_role("link", name="Rows of line 1").click()
    expect(plain.locator("main")).to_contain_text("40 that match, 120 in all")


PAGES = (
    "charts?target=mass", "compare?a=species&b=mass", "compare?a=mass&b=price",
    "compare/groups?by=species&one=Adelie&other=Gentoo", "compare/versions",
    "summary?by=species&across=sex&what=mean&of=mass", "summary",
)  # fmt: skip


def test_suggestions_comparisons_and_summaries_fit_everyone(page: Page, tmp_path: Path) -> None:
    register(page, "sumi")
    dataset = bring(page, tmp_path / "birds.csv").removesuffix("/charts")
    page.set_viewport_size({"width": 390, "height": 844})
    for address in PAGES:
        page.goto(f"{dataset}/{address}")
        expect(page.get_by_role("heading", level=1)).to_have_text("birds")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
        assert_accessible(page)


BAD = (
    "<script>window.__pwned=1</script>",
    '"><img src=x onerror="window.__pwned=1">',
    "'];alert(1)//{{7*7}}",
)
"""Names of columns, and what stands in their cells."""


def hostile_table() -> str:
    """A table of which every text would run, were it taken for more than text."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow((*BAD, "</textarea><svg onload=alert(1)>"))
    writer.writerows((BAD[n % 3], 7 * n % 90 + 0.5, n * n % 70, BAD[n % 2]) for n in range(120))
    return text.getvalue()


def test_nothing_that_a_table_holds_runs(page: Page, tmp_path: Path) -> None:
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    register(page, "harriet")
    charts = bring(page, tmp_path / "bad.csv", hostile_table())
    words, number, other = BAD
    for kind, parts in {
        "bar": {"x": words, "colour": words}, "box": {"x": words, "y": number, "title": BAD[1]},
        "scatter": {"x": number, "y": other, "colour": words}, "heatmap": {"x": words, "y": words},
        "histogram": {"x": number, "facet": words},
    }.items():  # fmt: skip
        page.goto(f"{charts}?{urlencode({'kind': kind, **parts})}")
        expect(page.locator("#picture canvas").first).to_be_visible()
        for place in (0.3, 0.5, 0.7):  # the tooltips of what is there
            page.mouse.move(*at(page, place, 0.6))
        assert page.evaluate("window.__pwned") is None, kind
    dataset = charts.removesuffix("/charts")
    for address, parts in {
        "charts": {}, "rows": {"column": words, "operator": "equals", "value": BAD[0]},
        "compare": {"a": words, "b": number}, "compare/groups": {"by": words, "one": BAD[0], "other": BAD[1]},
        "summary": {"by": words, "what": "mean", "of": number},
    }.items():  # fmt: skip
        page.goto(f"{dataset}/{address}?{urlencode(parts)}")
        expect(page.locator("main")).to_contain_text(words)
        assert page.locator("main img, main svg[onload], main script:not([src])").count() == 0, address
        assert page.evaluate("window.__pwned") is None, address
    assert dialogs == []


COUNTED = """
document.addEventListener("load", ({ target }) => {
  if (!target.src?.includes("echarts")) return;
  const { init } = echarts;
  window.drawn = 0;
  echarts.init = (...parts) => {
    const chart = init(...parts);
    const { setOption } = chart;
    chart.setOption = (option, ...more) => {
      window.drawn += Boolean(option.series);
      return setOption.call(chart, option, ...more);
    };
    return chart;
  };
}, true);
"""


def test_a_picture_is_fetched_beside_the_scripts_and_its_marks_are_drawn_once(
    page: Page, tmp_path: Path
) -> None:
    register(page, "onna")
    charts = bring(page, tmp_path / "birds.csv")
    figures: list[str] = []
    page.on("request", lambda one: figures.append(one.url) if "/charts/figure" in one.url else None)
    page.add_init_script(COUNTED)
    for parts in ({"kind": "bar", "x": "species"}, {"kind": "map", "x": "price", "y": "price"}):
        figures.clear()
        page.goto(f"{charts}?{urlencode(parts)}")
        expect(page.locator("#picture canvas").first).to_be_visible()
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert len(figures) == 1
        told = "performance.getEntriesByType('resource').filter((one) => one.name.includes('/charts/figure'))"
        assert page.evaluate(f"() => {told}.map((one) => one.initiatorType)") == ["link"]
        assert page.evaluate("() => window.drawn") == 1
