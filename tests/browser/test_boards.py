"""The board in a real browser: saved, arranged, filtered, in the dark, on a phone, taken along as a file."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from browser_stage import assert_accessible, register

LABELS = ("Nord", "<script>document.title = 'run'</script>", ']]> & "West"')
ROWS = [f'{n};"{LABELS[n % 3].replace(chr(34), chr(34) * 2)}";{100 + n * 7 % 90}' for n in range(120)]


def bring(page: Page, path: Path, rows: list[str], button: str) -> None:
    """Choose a file on the page that is open, and have it read."""
    path.write_text("\n".join(["id;region;amount", *rows, ""]))
    page.get_by_label("File with a table").set_input_files(path)
    page.get_by_role("button", name="Upload", exact=True).click()
    page.get_by_role("button", name=button).click()
    expect(page.locator("main[data-object=dataset]")).to_have_attribute("data-state", "ready", timeout=60_000)


def save(page: Page, address: str, name: str) -> None:
    """Save the chart of an address from the builder."""
    page.goto(address)
    page.get_by_text("Save this chart", exact=True).press("Enter")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Name", exact=True).press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("is saved and stands on the board")


def order(page: Page) -> list[str]:
    return page.locator(".tile h3").all_inner_texts()


def test_charts_are_saved_arranged_on_a_board_and_taken_along(page: Page, tmp_path: Path) -> None:
    register(page, "boardwoman")
    page.goto("/datasets/new")
    bring(page, tmp_path / "sales.csv", ROWS, "Read this table")
    dataset, main = page.url, page.locator("main")
    save(page, f"{dataset}/charts?kind=bar&x=region", "Regions")
    save(page, f"{dataset}/charts?kind=histogram&x=amount", "Amounts")
    save(page, f"{dataset}/charts?kind=box&x=region&y=amount", "Amounts by region")

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("link", name="Board", exact=True).press("Enter")
    expect(main).to_contain_text("Version 1 of 1, 120 rows, the newest.")
    page.evaluate("window.unloaded = false")  # stays only where the page is not loaded anew
    expect(page.locator(".tile canvas").first).to_be_visible()
    tile = page.locator(".tile").filter(has=page.get_by_role("heading", name="Amounts by region"))
    tile.get_by_text("Arrange").press("Enter")
    tile.get_by_role("button", name="Move Amounts by region earlier").press("Enter")
    expect(page.locator("[data-board-status]")).to_contain_text("is now number 2 of 3")
    expect(tile.get_by_role("button", name="Move Amounts by region earlier")).to_be_focused()
    assert order(page) == ["Regions", "Amounts by region", "Amounts"]
    tile.get_by_label("Width").select_option("full")
    expect(page.locator("[data-board-status]")).to_contain_text("width full")
    assert page.evaluate("window.unloaded") is False
    page.reload()
    assert order(page) == ["Regions", "Amounts by region", "Amounts"]
    expect(page.locator(".tile-full h3")).to_have_text("Amounts by region")
    assert_accessible(page)

    page.get_by_text("Filter all charts").press("Enter")
    page.get_by_label("Column", exact=True).select_option("region")
    page.get_by_label("Condition").select_option("equals")
    page.get_by_label("Value", exact=True).fill("Nord")
    page.get_by_role("button", name="Add filter").press("Enter")
    expect(page).to_have_url(re.compile("column=region"))
    expect(page.locator(".tile").first).to_contain_text("40 of 40 rows are complete")
    page.get_by_role("link", name="Clear filters").press("Enter")

    with page.expect_download() as download:
        page.get_by_role("button", name="Download as HTML").press("Enter")
    assert download.value.suggested_filename == "sales board version 1.html"
    file = Path(download.value.path()).read_text()
    assert len(file.encode()) < 1_000_000
    assert file.count("<svg") == 3
    assert "<script" not in file
    assert len(re.findall(r"<text[^>]*>[^<]*&lt;script&gt;", file)) > 0, (
        "the label is in the picture, as text"
    )
    taken = tmp_path / "board.html"
    taken.write_text(file)
    asked.clear()
    page.goto(taken.as_uri())
    expect(page.locator("svg")).to_have_count(3)
    assert page.title() == "Board of sales"
    assert asked == [taken.as_uri()], "it asks for nothing else"

    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{dataset}/versions/new")
    fewer = [row.split(";")[0] + ";x;" + ("many" if n % 2 else "few") for n, row in enumerate(ROWS[:30])]
    bring(page, tmp_path / "sales.csv", fewer, "Read as version 2")
    page.get_by_role("link", name="Board", exact=True).click()
    expect(main).to_contain_text("Version 2 of 2, 30 rows, the newest.")
    expect(page.locator(".tile").nth(2)).to_contain_text(
        "It does not fit version 2. A histogram needs numbers"
    )
    expect(page.locator(".tile canvas").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert_accessible(page)
    page.get_by_label("Version", exact=True).select_option("1")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(main).to_contain_text("Version 1 of 2, 120 rows.")
