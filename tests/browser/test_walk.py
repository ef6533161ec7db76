"""The whole journey in a real browser: with the mouse, with the keyboard alone, and as a stranger."""

from __future__ import annotations

import csv
import random
import re
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from browser_stage import PASSWORD, assert_accessible, register
from waiting import wait_for

PENGUINS = Path(__file__).resolve().parents[2] / "site" / "beanft" / "uploader" / "samples" / "penguins.csv"
_TRAINED_MS = 120_000
_LOOK_MS = 20_000  # the longest that the site looks at the first rows of a file


def upload(page: Page, path: Path = PENGUINS) -> str:
    """Upload a file in slices, look at it, wait until it is read, return the address of the dataset."""
    page.goto("/datasets/new")
    page.get_by_label("File with a table").set_input_files(path)
    page.get_by_role("button", name="Upload", exact=True).click()
    page.get_by_role("button", name="Read this table").click()
    expect(page.locator("main[data-object=dataset]")).to_have_attribute("data-state", "ready", timeout=60_000)
    return page.url


def train(page: Page, dataset: str, target: str, learners: tuple[str, ...] = ()) -> str:
    """Train on a dataset, wait for the end, return the address of the experiment."""
    page.goto(f"{dataset}/train")
    page.get_by_label("What should be predicted?").select_option(target)
    expect(page.locator("[data-found]")).not_to_be_empty()
    if learners:
        page.locator("summary", has_text="Learners").click()
        for box in page.locator("input[name=learners]:enabled").all():
            box.set_checked(box.get_attribute("value") in learners)
    page.locator("[name=budget]").fill("15")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.locator("main[data-object=experiment]")).to_have_attribute(
        "data-state", "ready", timeout=_TRAINED_MS
    )
    return page.url


def test_from_a_csv_to_a_prediction_with_the_mouse(page: Page, tmp_path: Path) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("honest forecast")
    assert_accessible(page)
    register(page, "alice")
    expect(page.get_by_role("heading", name="Bring your first table")).to_be_visible()

    dataset = upload(page)
    main = page.locator("main")
    expect(main).to_contain_text("344")  # rows of the palmerpenguins table
    species = page.locator("[data-name=columns] tr", has=page.get_by_role("rowheader", name="species"))
    expect(species).to_contain_text("category")
    assert_accessible(page)

    page.get_by_role("link", name="Look at rows").click()
    page.get_by_label("Column", exact=True).select_option("species")
    page.get_by_label("Condition").select_option("equals")
    page.get_by_label("Value").fill("Gentoo")
    page.get_by_role("button", name="Add filter").click()
    expect(main).to_contain_text("124 that match, 344 in all")
    page.locator("[data-name=rows] thead").get_by_role("link", name="body_mass_g").click()
    expect(page.locator("[data-name=rows] th[aria-sort=ascending]")).to_contain_text("body_mass_g")
    expect(page).to_have_url(re.compile(r"Gentoo.*"))
    assert_accessible(page)

    page.goto(f"{dataset}/charts?kind=scatter&x=bill_length_mm&y=body_mass_g&colour=species")
    expect(page.locator("#picture canvas")).to_be_visible()
    expect(main).to_contain_text("342 of 344 rows are complete")
    assert_accessible(page)
    with page.expect_download() as png:
        page.get_by_role("button", name="PNG").click()
    assert png.value.path().read_bytes().startswith(b"\x89PNG")
    with page.expect_download() as svg:
        page.get_by_role("button", name="SVG").click()
    assert "<svg" in svg.value.path().read_text()

    train(page, dataset, "species")
    expect(page.locator("[data-verdict=better]")).to_contain_text("guessing")
    board = page.locator("[data-name=leaderboard] tbody tr")
    assert board.count() >= 3  # as many learners as fifteen seconds allow
    expect(page.locator("[data-learner=baseline]")).to_contain_text("this is guessing")
    assert_accessible(page)

    page.locator("main a.btn-primary[href*='/models/']").first.click()
    expect(main).to_have_attribute("data-object", "model")
    expect(page.get_by_role("heading", name="On the locked rows")).to_be_visible()
    expect(page.locator("[data-name=confusion]")).to_contain_text("Chinstrap")
    expect(main).to_contain_text("bill_length_mm")
    expect(page.locator(".chart canvas").first).to_be_visible()
    assert_accessible(page)

    page.get_by_role("link", name="Predict one row").click()
    page.get_by_role("textbox", name="bill_length_mm").fill("47,5")
    page.get_by_role("button", name="Predict", exact=True).click()
    expect(page.locator("[data-name=prediction]")).to_have_text(re.compile("Adelie|Chinstrap|Gentoo"))
    expect(page.locator("#answer")).to_contain_text("47.5")  # the repaired decimal comma is listed
    assert_accessible(page)
    page.get_by_role("textbox", name="bill_length_mm").fill("long")
    page.get_by_role("button", name="Predict", exact=True).click()
    expect(page.locator("#answer")).to_contain_text("“long” is not a number")

    page.get_by_role("link", name="Predict a whole file").click()
    page.get_by_label("File with a table").set_input_files(PENGUINS)
    page.get_by_role("button", name="Upload and predict").click()
    batch = page.locator("main[data-object=batch]")
    expect(batch).to_have_attribute("data-state", "ready", timeout=60_000)
    expect(page.locator("[data-name=predictions]")).to_contain_text("Torgersen")
    assert_accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").first.click()
    original = list(csv.reader(PENGUINS.read_text().splitlines()))
    predicted = list(csv.reader(download.value.path().read_text().splitlines()))
    width = len(original[0])
    assert [row[:width] for row in predicted] == original
    right = sum(row[width] == row[0] for row in predicted[1:])
    assert right > 0.9 * len(original)

    page.goto("/activity")
    expect(main).to_contain_text("penguins")
    assert_accessible(page)
    page.goto("/")
    expect(page.get_by_role("heading", name="Recent models")).to_be_visible()
    assert_accessible(page)


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus; fail where it cannot be reached."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement?.matches(selector)", selector):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            shadow = page.evaluate("getComputedStyle(document.activeElement).boxShadow")
            assert outline != "none" or shadow != "none", f"{selector} does not show that it has the focus"
            return
    raise AssertionError(f"{selector} cannot be reached with Tab")


def choose_with_the_keyboard(page: Page, path: Path) -> None:
    """Open the file chooser of the focused field; Chromium now and then misses the key, so press it again."""
    for key in ("Enter", "Space", "Enter", "Space"):
        with suppress(PlaywrightTimeoutError):
            with page.expect_file_chooser(timeout=3_000) as chooser:
                page.keyboard.press(key)
            chooser.value.set_files(path)
            return
    raise AssertionError("the file chooser cannot be opened with the keyboard")


def test_from_a_csv_to_a_prediction_with_the_keyboard_alone(page: Page) -> None:
    page.goto("/register")
    for name, text in (("username", "kim"), ("email", "kim@example.org")):
        if not page.evaluate("name => document.activeElement?.name === name", name):
            tab_to(page, f"[name={name}]")
        page.keyboard.type(text)
    for name in ("password", "confirm"):
        tab_to(page, f"[name={name}]")
        page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Bring your first table")).to_be_visible()

    tab_to(page, "main a.btn-primary[href$='/datasets/new']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/datasets/new")
    tab_to(page, "input[type=file]")
    choose_with_the_keyboard(page, PENGUINS)
    tab_to(page, "#upload button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/preview")
    tab_to(page, "#accept button")
    page.keyboard.press("Enter")
    expect(page.locator("main[data-object=dataset]")).to_have_attribute("data-state", "ready", timeout=60_000)

    tab_to(page, "main a.btn-primary[href$='/train']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/train")
    tab_to(page, "[name=target]")
    page.keyboard.type("species")
    tab_to(page, "[name=budget]")
    page.keyboard.press("Control+a")
    page.keyboard.type("10")
    page.keyboard.press("Enter")
    expect(page.locator("main[data-object=experiment]")).to_have_attribute(
        "data-state", "ready", timeout=_TRAINED_MS
    )
    tab_to(page, "a.btn-primary[href*='/models/']")
    page.keyboard.press("Enter")
    expect(page.locator("main[data-object=model]")).to_be_visible()
    tab_to(page, "a.btn-primary[href$='/predict']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/predict")
    tab_to(page, "#row-form-button")
    page.keyboard.press("Enter")
    expect(page.locator("[data-name=prediction]")).to_have_text(re.compile("Adelie|Chinstrap|Gentoo"))


def test_random_labels_are_called_guessing(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "noise.csv"
    draw = random.Random(1)
    rows = [f"{draw.random()},{draw.random()},{draw.choice(['yes', 'no'])}" for _ in range(300)]
    path.write_text("a,b,label\n" + "\n".join(rows) + "\n")
    register(page, "noether")
    train(page, upload(page, path), "label", learners=("logistic", "naive_bayes"))
    expect(page.locator("[data-verdict=guessing]")).to_contain_text("guessing")
    rows = page.locator("[data-name=leaderboard] tbody tr").all()
    assert len(rows) >= 3  # two learners and the baseline
    for row in rows:
        assert "better than guessing" not in row.inner_text()


def test_a_second_person_sees_nothing_of_it(page: Page) -> None:
    register(page, "owner")
    dataset = upload(page)
    experiment = train(page, dataset, "species", learners=("naive_bayes",))
    page.locator("main a.btn-primary[href*='/models/']").first.click()
    model = page.url
    page.context.clear_cookies()
    register(page, "stranger")
    for address in (dataset, f"{dataset}/rows", f"{dataset}/charts", experiment, model, f"{model}/predict"):
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 404, address
        assert "penguins" not in page.content()
    for address in ("/", "/datasets", "/models", "/experiments", "/activity"):
        page.goto(address)
        links = [link.get_attribute("href") for link in page.locator("main a").all()]
        for owned in (dataset, experiment, model):
            assert urlsplit(owned).path not in links


def test_a_broken_file_says_what_is_wrong_and_offers_what_to_do(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "ragged.csv"
    path.write_text("a,b,c\n1,2,3\n4,5\n6,7,8\n")
    register(page, "rita")
    page.goto("/datasets/new")
    page.get_by_label("File with a table").set_input_files(path)
    page.get_by_label("Show me how it will be read first").uncheck()
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.locator("main[data-object=dataset]")).to_have_attribute(
        "data-state", "failed", timeout=60_000
    )
    expect(page.locator("main")).to_contain_text(re.compile("line 3", re.IGNORECASE))
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    expect(page.get_by_role("link", name="Delete").first).to_be_visible()
    assert_accessible(page)


def test_how_a_file_is_read_can_be_changed_before_and_after(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("orders of 2024\nday;price\n31.01.2024;1,5\n01.02.2024;2,5\n02.02.2024\n")
    register(page, "lea")
    page.goto("/datasets/new")
    page.get_by_label("File with a table").set_input_files(path)
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.locator("#preview")).to_contain_text("In this way the file cannot be read.", timeout=_LOOK_MS)
    assert_accessible(page)
    page.get_by_label("Rows with too few or too many cells").select_option("aside")
    rows = page.locator("[data-name=rows] tbody tr")
    expect(rows).to_have_count(2, timeout=_LOOK_MS)
    expect(rows.first).to_contain_text("2024-01-31")
    page.get_by_label("Kind of price").focus()
    page.get_by_label("Kind of price").select_option("text")
    expect(rows.first).to_contain_text("1,5", timeout=_LOOK_MS)
    expect(page).to_have_url(re.compile(r"bad_rows=aside&kind\.price=text$"))
    expect(page.get_by_label("Kind of price")).to_be_focused()
    page.reload()
    expect(rows.first).to_contain_text("1,5")
    assert_accessible(page)
    page.get_by_label("Name (optional)").fill("Orders")
    page.get_by_role("button", name="Read this table").click()
    main = page.locator("main[data-object=dataset]")
    expect(main).to_have_attribute("data-state", "ready", timeout=60_000)
    expect(page.get_by_role("heading", level=1)).to_have_text("Orders")

    dataset = page.url
    page.goto(f"{dataset}/versions/new")
    assert_accessible(page)
    path.write_text("day;price;tax\n31.01.2024;1,5;2\n01.02.2024;2,5;3\n02.02.2024;4;5\n")
    page.get_by_label("File with a table").set_input_files(path)
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.locator("#preview")).to_contain_text("1 column is new: “tax”", timeout=_LOOK_MS)
    assert_accessible(page)
    page.get_by_role("button", name="Read as version 2").click()
    expect(main).to_have_attribute("data-state", "ready", timeout=60_000)
    expect(main).to_contain_text("Version 2")


def test_every_page_is_usable_at_phone_width(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    register(page, "paul")
    dataset = upload(page)
    experiment = train(page, dataset, "species", learners=("naive_bayes",))
    page.locator("main a.btn-primary[href*='/models/']").first.click()
    model = page.url
    of_dataset = [
        dataset,
        *(f"{dataset}/{part}" for part in ("rows", "columns", "charts", "train", "reading", "versions/new")),
    ]
    of_model = [experiment, model, f"{model}/predict", f"{model}/batches/new"]
    others = [
        "/",
        "/help/training",
        "/datasets",
        "/datasets/new",
        "/activity",
        "/account",
        "/models",
        "/experiments",
    ]
    for address in [*others, *of_dataset, *of_model]:
        page.goto(address)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, f"{address} is {wide} px wide: the page itself must not scroll sideways"
        assert_accessible(page)


def test_what_is_chosen_is_read_though_the_look_at_it_is_not_back_yet(page: Page, tmp_path: Path) -> None:
    table = tmp_path / "codes.csv"
    table.write_text("code,n\n" + "".join(f"2024010{i % 9 + 1},{i}\n" for i in range(30)))
    register(page, "piet")
    page.goto("/datasets/new")
    page.get_by_label("File with a table").set_input_files(table)
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_label("Kind of code")).to_have_value("")
    page.route("**/preview?*", lambda route: None)  # never answered: the looks of this page are slow
    page.get_by_label("Name (optional)").fill("Codes of days")
    with page.expect_request("**/preview?*") as looked:
        page.get_by_label("Kind of code").select_option("date")
    assert "kind.code=date" in looked.value.url
    assert "csrf_token" not in looked.value.url
    page.get_by_role("button", name="Read this table").click()
    expect(page.locator("main[data-object=dataset]")).to_have_attribute("data-state", "ready", timeout=60_000)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Codes of days")
    row = page.locator("[data-name=columns] tr", has=page.get_by_role("rowheader", name="code"))
    expect(row).to_contain_text("date")


def test_enter_in_a_setting_looks_again_and_reads_nothing(page: Page, tmp_path: Path) -> None:
    table = tmp_path / "titled.csv"
    table.write_text("A title\na,b\n" + "".join(f"{i},{i * i}\n" for i in range(30)))
    register(page, "ruth")
    page.goto("/datasets/new")
    page.get_by_label("File with a table").set_input_files(table)
    page.get_by_role("button", name="Upload", exact=True).click()
    page.locator("#how-read summary").click()
    page.get_by_label("Lines to skip at the top").fill("3")
    page.get_by_label("Lines to skip at the top").press("Enter")
    page.wait_for_url("**/preview?*skip=3*")
    expect(page.locator("#how-read summary")).to_contain_text("3 lines skipped")
    expect(page.locator("#preview [role=status]")).to_contain_text("29 rows")
    expect(page.get_by_role("button", name="Read this table")).to_be_enabled()


def test_the_journey_works_without_javascript(browser_without_javascript: Page) -> None:
    page = browser_without_javascript
    register(page, "jo")
    page.goto("/datasets/new")
    page.get_by_label("File with a table").set_input_files(PENGUINS)
    page.get_by_role("button", name="Upload", exact=True).click()
    page.get_by_label("Kind of year").select_option("category")
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_label("Kind of year")).to_have_value("category")
    assert "csrf_token" not in page.url
    page.get_by_label("Kind of body_mass_g").select_option("text")  # and not looked at again
    page.get_by_role("button", name="Read this table").click()
    reload_until_ready(page, "dataset")
    dataset = page.url
    for name, kind in (("year", "category"), ("body_mass_g", "text")):
        row = page.locator("[data-name=columns] tr", has=page.get_by_role("rowheader", name=name))
        expect(row).to_contain_text(kind)
    page.goto(f"{dataset}/rows?sort=-body_mass_g")
    expect(page.locator("[data-name=rows] tbody tr").first).to_contain_text("6300")
    page.goto(f"{dataset}/charts")
    expect(page.locator("[data-name=numbers]")).to_be_attached()
    page.goto(f"{dataset}/train?target=species")
    for box in page.locator("input[name=learners]:enabled").all():
        box.evaluate("box => { box.checked = box.value === 'naive_bayes' }")
    page.get_by_role("button", name="Train", exact=True).click()
    reload_until_ready(page, "experiment")
    page.locator("main a.btn-primary[href*='/models/']").first.click()
    page.get_by_role("link", name="Predict one row").click()
    page.get_by_role("button", name="Predict", exact=True).click()
    expect(page.locator("[data-name=prediction]")).to_have_text(re.compile("Adelie|Chinstrap|Gentoo"))


def reload_until_ready(page: Page, kind: str) -> None:
    main = page.locator(f"main[data-object={kind}]")
    expect(main).to_be_attached()  # the page that the form leads to: a reload must not come before it

    def has_ended() -> bool:
        page.wait_for_load_state()
        if main.get_attribute("data-state") not in ("queued", "running"):
            return True
        page.reload()
        return False

    wait_for(has_ended, within_s=120)
    expect(main).to_have_attribute("data-state", "ready")
