"""The grid of rows in a real browser: asked, ordered, arranged, highlighted, taken along, looked back at."""

from __future__ import annotations

import csv
from pathlib import Path

from playwright.sync_api import Page, expect

from browser_stage import assert_accessible, register

HEADER = "id;region;amount;paid"
ROWS = [
    f"k{n:03d};{('Nord', 'Ost', 'West')[n % 3]};{99_999 if n == 7 else 1_000 + n % 50},5;"
    f"{'ja' if n % 2 else 'nein'}"
    for n in range(150)
]


def read_file(page: Page, path: Path, rows: list[str], button: str) -> None:
    """Choose a file on the page that is open, and have it read."""
    path.write_text("\n".join([HEADER, *rows, ""]))
    page.get_by_label("File with a table").set_input_files(path)
    page.get_by_role("button", name="Upload", exact=True).click()
    page.get_by_role("button", name=button).click()
    expect(page.locator("main[data-object=dataset]")).to_have_attribute("data-state", "ready", timeout=60_000)


def add_filter(page: Page, column: str, operator: str, value: str) -> None:
    page.get_by_label("Column", exact=True).select_option(column)
    page.get_by_label("Condition").select_option(operator)
    page.get_by_label("Value", exact=True).fill(value)
    page.get_by_role("button", name="Add filter").click()


def choose(page: Page, column: str, item: str) -> None:
    """Choose from the menu of a column with the keyboard."""
    page.get_by_role("button", name=f"Menu of {column}").press("Enter")
    page.locator(".column-menu:popover-open").get_by_text(item, exact=True).press("Enter")


def names(page: Page) -> list[str]:
    """The columns of the grid as they stand beside each other."""
    return [head.inner_text().split()[0] for head in page.locator("[data-name=rows] thead th").all()]


def test_a_view_is_made_taken_along_and_looked_at_in_an_older_version(page: Page, tmp_path: Path) -> None:
    register(page, "gina")
    page.goto("/datasets/new")
    read_file(page, tmp_path / "sales.csv", ROWS, "Read this table")
    dataset, main = page.url, page.locator("main")
    page.goto(f"{dataset}/rows")
    page.evaluate("window.unloaded = false")  # stays only where pages are turned without loading anew
    page.get_by_role("link", name="Last").press("Enter")
    expect(main).to_contain_text("Rows 101–150 of 150")
    expect(page.get_by_role("region", name="Rows of sales")).to_be_focused()  # “Last” is gone

    page.get_by_label("Search in all columns").fill("K0")
    page.keyboard.press("Enter")
    expect(main).to_contain_text("100 that match, 150 in all")
    add_filter(page, "region", "one-of", "Nord, Ost")
    expect(main).to_contain_text("67 that match")
    add_filter(page, "amount", "at-least", "1.010,5")
    chips = page.locator(".chips")
    expect(chips).to_contain_text("1.010,5")
    page.locator("[data-name=rows] thead").get_by_role("link", name="paid").click()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("paid")
    choose(page, "amount", "Then by it, largest first")
    expect(chips).to_contain_text("Then by amount, largest first")
    choose(page, "region", "Pin to the left")
    expect(page.locator("th.pinned")).to_contain_text("region")
    choose(page, "id", "Hide")
    expect(chips).to_contain_text("Hidden: id")
    assert names(page) == ["Row", "region", "amount", "paid"]
    page.get_by_role("link", name="Outliers").click()
    expect(page.locator("tbody .is-outlier")).to_contain_text("99999.5")
    assert page.evaluate("window.unloaded") is False

    choose(page, "amount", "Profile")
    panel = page.get_by_role("dialog", name="Profile of a column")
    expect(panel).to_contain_text("Outliers")
    expect(panel).to_be_focused()
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Menu of amount")).to_be_focused()

    page.get_by_role("button", name="Download").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV of the typed table").click()
    assert download.value.suggested_filename == "sales version 1.csv"
    header, *rows = csv.reader(download.value.path().read_text().splitlines())
    assert header == ["region", "amount", "paid"]
    amounts = [(paid, -float(amount)) for _, amount, paid in rows]
    assert amounts == sorted(amounts)
    expect(main).to_contain_text(f"of {len(rows)} that match")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Clear all").press("Enter")
    expect(main).to_contain_text("Rows 1–50 of 150")
    expect(page).to_have_url(f"{dataset}/rows")

    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{dataset}/versions/new")
    read_file(page, tmp_path / "sales.csv", ROWS[:40], "Read as version 2")
    page.goto(f"{dataset}/rows?pin=region&mark=heat")
    expect(main).to_contain_text("of 40")
    page.goto(f"{dataset}/rows?version=1&pin=region&mark=heat&column=region&operator=equals&value=Ost")
    expect(main).to_contain_text("You look at version 1 of 2.")
    expect(main).to_contain_text("Rows 1–50 of 50 that match, 150 in all")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert_accessible(page)
