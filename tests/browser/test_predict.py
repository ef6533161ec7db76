"""Predicting one row in a real browser: sliders, keyboard, what-ifs, a table row, a phone, no script."""

from __future__ import annotations

import random
import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from browser_stage import PASSWORD, assert_accessible, register

_TRAINED_MS = 180_000
_ANSWERED_MS = 30_000


def houses() -> list[str]:
    """200 rows of 18 columns whose price hangs on area and place; “elements” is a name that breaks forms."""
    chance = random.Random(3)
    spare = [f"spare_{i}" for i in range(12)]
    rows = [",".join(["area", "place", "garden", "built", "elements", *spare, "price"])]
    for _ in range(200):
        area, place = chance.uniform(40, 160), chance.choice(["centre", "edge"])
        price = 2000 * area + (60_000 if place == "centre" else 0) + chance.gauss(0, 9000)
        built = f"{chance.randint(1950, 2020)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        rows.append(
            f"{area:.1f},{place},{chance.choice(['yes', 'no'])},{built},{chance.choice('abc')},"
            + "".join(f"{chance.random():.2f}," for _ in spare)
            + f"{price:.0f}"
        )
    return [*rows, ""]


def trained(page: Page, path: Path) -> str:
    """Upload, train two quick learners, and answer the address of the form of the best model."""
    path.write_text("\n".join(houses()))
    page.goto("/datasets/new")
    page.get_by_label("File with a table").set_input_files(path)
    page.get_by_role("button", name="Upload", exact=True).click()
    page.get_by_role("button", name="Read this table").click()
    expect(page.locator("main[data-object=dataset]")).to_have_attribute("data-state", "ready", timeout=60_000)
    page.goto(f"{page.url}/train")
    page.get_by_label("What should be predicted?").select_option("price")
    page.locator("summary", has_text="Learners").click()
    for box in page.locator("input[name=learners]:enabled").all():
        box.set_checked(box.get_attribute("value") == "ridge")
    page.locator("[name=budget]").fill("15")
    page.get_by_role("button", name="Train", exact=True).click()
    done = page.locator("main[data-object=experiment]")
    expect(done).to_have_attribute("data-state", "ready", timeout=_TRAINED_MS)
    page.locator("main a.btn-primary[href*='/models/']").first.click()
    page.get_by_role("link", name="Predict one row").click()
    return page.url


def settled(page: Page) -> float:
    """Wait until answer and reasons are those of the row as it stands; answer the number predicted."""
    for part in ("#answer", "#reasons", "#whatif"):
        expect(page.locator(part)).not_to_have_attribute("aria-busy", "true", timeout=_ANSWERED_MS)
    return float(page.locator("[data-name=prediction]").inner_text().replace(",", ""))


def sideways(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width


def file_predicted(page: Page, form: str, path: Path) -> None:
    """Send rows with their true prices and a cell that cannot be read; look at what came of them."""
    header, first, *others = houses()[:121]
    area, _, rest = first.partition(",")
    path.write_text("\n".join([header, f"about {area},{rest}", *others, ""]))
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(form.replace("/predict", "/batches/new"))
    page.get_by_label("File with a table").set_input_files(path)
    page.get_by_role("button", name="Upload and predict").click()
    batch = page.locator("main[data-object=batch]")
    expect(batch).to_have_attribute("data-state", "failed", timeout=_ANSWERED_MS)
    expect(page.get_by_role("alert")).to_contain_text("Row 1, column “area”")
    assert_accessible(page)
    page.get_by_role("button", name="unreadable cells as missing").click()
    expect(batch).to_have_attribute("data-state", "ready", timeout=_ANSWERED_MS)
    expect(page.locator("#score")).to_contain_text("120")
    expect(page.locator("#predicted canvas")).to_be_visible()
    assert_accessible(page)

    rows = page.locator("[data-name=predictions] tbody tr")
    page.locator("#filter-warning").select_option("unreadable")
    page.locator(".batch-filter").get_by_role("button", name="Show").press("Enter")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("about")
    expect(page).to_have_url(re.compile("warning=unreadable"))
    page.reload()
    expect(rows).to_have_count(1)
    page.get_by_role("link", name="Clear filters").click()
    expect(page).not_to_have_url(re.compile("warning="))
    page.locator("#sort-confidence").press("Enter")
    expect(page.locator("[data-name=predictions] th[aria-sort=ascending]")).to_contain_text("confidence")
    assert page.locator("[data-name=predictions] [scope=row]").first.inner_text() != "1"
    for name in ("CSV", "Parquet", "Excel"):
        with page.expect_download() as arrived:
            page.locator("#downloads").get_by_role("link", name=name).first.click()
        assert arrived.value.path().stat().st_size > 1000
    page.set_viewport_size({"width": 390, "height": 800})
    assert sideways(page) <= 390
    assert_accessible(page)

    # Asked for beforehand, it is not refused at all.
    page.get_by_role("link", name="Predict another file").click()
    page.get_by_label("File with a table").set_input_files(path)
    page.get_by_label("Take cells that cannot be read as missing").first.check()
    page.get_by_role("button", name="Upload and predict").click()
    expect(batch).to_have_attribute("data-state", "ready", timeout=_ANSWERED_MS)
    expect(page.locator("#score")).to_contain_text("the score flatters it")  # these are rows of training


def test_a_row_is_predicted_changed_and_understood(page: Page, browser: Browser, tmp_path: Path) -> None:
    register(page, "turing")
    form = trained(page, tmp_path / "houses.csv")

    # The answer of the typical row is there without a click, with interval, reasons and what-ifs.
    start = settled(page)
    expect(page.locator("[data-name=interval]")).to_contain_text("90 % interval")
    expect(page.locator("[data-name=contributions]")).to_contain_text("area")
    expect(page.locator("[data-panel]").first).to_be_visible()
    expect(page.locator("[data-name=similar] tbody tr")).to_have_count(4)
    assert_accessible(page)

    # With the keyboard: the arrow keys move a number, and everything moves with it.
    area = page.locator("[name=area]")
    typical = area.input_value()
    area.focus()
    for _ in range(60):
        page.keyboard.press("ArrowUp")
    assert float(area.input_value()) > float(typical)
    assert settled(page) > start
    expect(page.locator("[data-change]")).to_contain_text("more than at the start")
    expect(page.locator("[data-name=contributions]")).to_contain_text(f"area = {area.input_value()}")
    expect(page.locator("[data-announce]")).to_contain_text("price: ", timeout=_ANSWERED_MS)
    assert_accessible(page)

    # With the mouse: the slider, a what-if, back again.
    slider = page.locator("[data-column=area] input[type=range]").bounding_box()
    assert slider
    page.mouse.click(slider["x"] + 10, slider["y"] + slider["height"] / 2)
    assert settled(page) < start
    page.locator("[data-column=area] [data-back]").click()
    expect(area).to_have_value(typical)
    assert settled(page) == start
    other = page.locator("[data-set]:not(.is-own)").first
    other.click()
    settled(page)
    expect(page.locator(".is-changed")).to_have_count(1)
    page.get_by_role("button", name="Undo all changes").press("Enter")
    assert settled(page) == start

    # A wrong value is said beside its field, and the next one is answered again.
    area.fill("large")
    expect(page.locator("#answer")).to_contain_text("“large” is not a number")
    expect(area).to_have_attribute("aria-invalid", "true")
    area.press("Enter")
    expect(area).to_be_focused()
    assert_accessible(page)
    area.fill("100")
    expect(page.locator("[data-name=prediction]")).to_be_visible()
    expect(area).not_to_have_attribute("aria-invalid", "true")

    # The level, with the focus kept; the link carries the row.
    settled(page)
    narrow = page.locator("[data-name=interval]").inner_text()
    page.locator("[data-level='80']").press("Enter")
    expect(page.locator("[data-name=interval]")).to_contain_text("80 % interval")
    expect(page.locator("[data-level='80']")).to_be_focused()
    assert page.locator("[data-name=interval]").inner_text() != narrow
    link = page.locator("[data-row-link]").get_attribute("data-copy-link")
    assert link
    assert link.endswith("?area=100")
    page.goto(link)
    expect(page.locator("[name=area]")).to_have_value("100")

    # Long forms fold what matters less, and find it by its name.
    page.locator("summary", has_text="more columns").click()
    page.get_by_placeholder("Find a column").fill("spare")
    expect(page.locator(".row-folded .row-field:visible").first).to_contain_text("spare")

    # A row of the table, on a phone.
    page.set_viewport_size({"width": 390, "height": 800})
    page.get_by_label("Row of the table").first.fill("5")
    page.get_by_role("button", name="Row of the table").click()
    expect(page.locator("[data-name=start]")).to_contain_text("In truth its price is")
    settled(page)
    expect(page.locator(".row-brief")).to_be_visible()
    assert sideways(page) <= 390
    assert_accessible(page)
    last = page.locator(".row-field:visible").last
    page.evaluate("scrollTo(0, 0)")
    last.locator("input, select").first.focus()
    field, bar = last.bounding_box(), page.locator(".row-form-foot").bounding_box()
    assert field
    assert bar
    assert field["y"] + field["height"] <= bar["y"] + 1  # the bar covers nothing of the field in use

    # Two models beside each other, on a phone: no figure is cut off.
    here = page.url
    page.goto("/datasets/houses/compare-models")
    for box in page.locator("input[name=models]").all():
        box.check()
    page.get_by_role("button", name="Compare").click()
    cells = page.locator("[data-name=pairs] td")
    expect(cells.first).to_be_visible()
    assert all(cell.evaluate("it => it.getBoundingClientRect().right <= 390") for cell in cells.all())
    assert_accessible(page)
    page.goto(here)

    # Without a script the button does it all.
    context = browser.new_context(base_url=page.url.split("/models")[0], java_script_enabled=False)
    plain = context.new_page()
    plain.goto("/login")
    plain.locator("[name=login]").fill("turing")
    plain.locator("[name=password]").fill(PASSWORD)
    plain.get_by_role("button", name="Log in").click()
    plain.goto(form)
    plain.locator("[name=area]").fill("100")
    plain.get_by_role("button", name="Predict", exact=True).click()
    expect(plain.locator("[data-name=prediction]")).to_have_text(re.compile(r"^[\d,.]+$"))
    expect(plain.locator("[data-name=contributions]")).to_be_visible()
    plain.get_by_role("button", name="95 %").click()
    expect(plain.locator("[data-name=interval]")).to_contain_text("95 % interval")
    expect(plain.locator("[name=area]")).to_have_value("100")
    context.close()

    file_predicted(page, form, tmp_path / "asked.csv")
