"""Training in a real browser: a leak named and taken out, a threshold chosen, a model explained, its card."""

from __future__ import annotations

import random
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from browser_stage import assert_accessible, register

_TRAINED_MS = 180_000
_MADE_MS = 90_000


def patients() -> list[str]:
    """300 rows whose target hangs on age and weight; “code” tells it in other words."""
    chance = random.Random(7)
    rows = []
    for _ in range(300):
        age, weight = chance.gauss(50, 12), chance.gauss(75, 10)
        ill = age / 12 + weight / 20 + chance.gauss(0, 1) > 8.2
        code = 100 + chance.random() * 9 if ill else 50 + chance.random() * 9
        rows.append(f"{age:.1f},{weight:.1f},{chance.choice('NESW')},{code:.2f},{'yes' if ill else 'no'}")
    return ["age,weight,ward,code,ill", *rows]


def no_sideways(page: Page) -> None:
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390, f"{page.url} is {width} px wide"


def test_a_leak_is_named_taken_out_and_the_model_is_understood(page: Page, tmp_path: Path) -> None:
    register(page, "nightingale")
    (tmp_path / "patients.csv").write_text("\n".join([*patients(), ""]))
    page.goto("/datasets/new")
    page.get_by_label("File with a table").set_input_files(tmp_path / "patients.csv")
    page.get_by_role("button", name="Upload", exact=True).click()
    page.get_by_role("button", name="Read this table").click()
    expect(page.locator("main[data-object=dataset]")).to_have_attribute("data-state", "ready", timeout=60_000)

    page.goto(f"{page.url}/train")
    page.get_by_label("What should be predicted?").select_option("ill")
    page.locator("summary", has_text="Learners").click()
    for box in page.locator("input[name=learners]:enabled").all():
        box.set_checked(box.get_attribute("value") in ("logistic", "extra_trees"))
    page.locator("input[name=budget]").fill("10")
    assert_accessible(page)
    page.get_by_role("button", name="Train", exact=True).click()
    experiment = page.locator("main[data-object=experiment]")
    expect(experiment).to_have_attribute("data-state", "ready", timeout=_TRAINED_MS)
    findings = page.locator("[data-name=findings]")
    expect(findings).to_contain_text("code")
    assert_accessible(page)

    page.get_by_role("button", name=re.compile("^Train again without")).first.press("Enter")
    expect(experiment).to_have_attribute("data-state", "ready", timeout=_TRAINED_MS)
    expect(page.locator("[data-verdict=better]")).to_be_visible()
    expect(page.locator("[data-name=leaderboard]")).to_contain_text("Logistic regression")
    assert "code" not in page.locator("[data-name=findings]").all_inner_texts()
    assert_accessible(page)
    page.set_viewport_size({"width": 390, "height": 800})
    no_sideways(page)
    page.set_viewport_size({"width": 1280, "height": 800})

    page.locator("main a[href*='/models/']").first.click()
    expect(page.locator("main[data-object=model]")).to_be_visible()
    model = page.url
    assert_accessible(page)
    slider, counts = page.get_by_label("Threshold", exact=True).last, page.locator("[data-name=threshold]")
    before = counts.inner_text()
    slider.focus()
    for _ in range(12):
        page.keyboard.press("ArrowLeft")
    expect(counts).not_to_have_text(before, use_inner_text=True)
    page.get_by_role("button", name="Use this threshold").press("Enter")
    expect(page.get_by_role("button", name="Back to 0.5")).to_be_visible()

    page.goto(f"{model}/explain")
    page.get_by_role("button", name="Explain this model").press("Enter")
    expect(page.locator("main")).to_contain_text("age", timeout=_MADE_MS)
    expect(page.locator("main canvas").first).to_be_visible(timeout=_MADE_MS)
    assert_accessible(page)
    page.get_by_role("link", name="Explain a row").press("Enter")
    page.get_by_role("button", name=re.compile("^Explain row")).first.press("Enter")
    expect(page.locator("main canvas").first).to_be_visible(timeout=_MADE_MS)
    assert_accessible(page)

    page.goto(f"{model}/card")
    expect(page.locator("main")).to_contain_text("patients")
    assert_accessible(page)
    for address in (model, f"{model}/card", f"{model}/explain"):
        page.set_viewport_size({"width": 390, "height": 800})
        page.goto(address)
        no_sideways(page)
    file = page.request.get(f"{model}/card.html").text()
    assert "<script" not in file
    assert len(file.encode()) < 300_000
