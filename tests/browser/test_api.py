"""A token made in a real browser, and the page of the API under the strict content policy."""

from __future__ import annotations

import json
import urllib.request

from playwright.sync_api import Page, expect

from browser_stage import PASSWORD, assert_accessible, register


def test_a_token_is_made_shown_once_used_and_revoked(page: Page, site: str) -> None:
    register(page, "lovelace")
    page.goto("/account")
    tokens = page.locator("#tokens")
    tokens.get_by_label("Name of the token").fill("nightly")
    tokens.get_by_label("Your password").fill(PASSWORD)
    assert_accessible(page)
    tokens.get_by_role("button", name="Make token").click()
    text = page.locator("#token-text").inner_text()
    assert text.startswith("bft_")
    assert_accessible(page)
    request = urllib.request.Request(f"{site}/api/v1/models", headers={"Authorization": f"Bearer {text}"})
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer)["total"] == 0
    page.goto("/account")
    expect(page.locator("#token-text")).to_have_count(0)
    expect(page.locator("table[data-name=tokens]")).not_to_contain_text("never")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Revoke nightly").press("Enter")
    expect(page.locator(".flash")).to_contain_text("is revoked")


def test_the_page_of_the_api_asks_as_a_program_does(page: Page) -> None:
    register(page, "hopper")
    page.goto("/account")
    tokens = page.locator("#tokens")
    tokens.get_by_label("Name of the token").fill("tries")
    tokens.get_by_label("Your password").fill(PASSWORD)
    tokens.get_by_role("button", name="Make token").click()
    text = page.locator("#token-text").inner_text()
    page.goto("/api/docs")
    page.locator(".btn.authorize").first.click()
    page.locator(".auth-container input").fill(text)
    page.locator(".auth-btn-wrapper .authorize").click()
    page.locator(".auth-btn-wrapper .btn-done").click()
    page.locator("#operations-models-list_models .opblock-summary-control").click()
    page.locator(".try-out__btn").click()
    page.locator("button.execute").click()
    expect(page.locator(".live-responses-table tr.response .response-col_status")).to_contain_text("200")
    expect(page.locator(".curl-command")).to_contain_text("Authorization: Bearer")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
