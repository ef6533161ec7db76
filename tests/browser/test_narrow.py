"""Pages that compare, on a phone: nothing is cut off, and no row is tall because of a cell out of sight."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from browser_stage import assert_accessible, register

_TALLEST = 320


def test_two_columns_compared_on_a_phone(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    kinds = ["shoes", "shirts", "trousers", "coats"]
    path.write_text(
        "kind,returned\n" + "".join(f"{kinds[i % 4]},{'ny'[i % 4 == 0 or i % 7 == 0]}\n" for i in range(400))
    )
    register(page, "narrow")
    page.goto("/datasets/new")
    page.get_by_label("File with a table").set_input_files(path)
    page.get_by_role("button", name="Upload", exact=True).click()
    page.get_by_role("button", name="Read this table").click()
    expect(page.locator("main[data-object=dataset]")).to_have_attribute("data-state", "ready", timeout=60_000)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{page.url}/compare?a=kind&b=returned")
    for name in ("effects", "tests"):
        table = page.locator(f"[data-name={name}]")
        expect(table).to_be_visible()
        for cell in table.locator("tbody td").all():
            box = cell.bounding_box()
            assert box is not None
            assert box["x"] + box["width"] <= 390
            assert cell.evaluate("it => it.scrollWidth <= it.clientWidth")
        row = table.locator("tbody tr").first.bounding_box()
        assert row is not None
        assert row["height"] < _TALLEST
    assert_accessible(page)
