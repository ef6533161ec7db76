"""What the browser tests share: registering, and looking for faults of accessibility."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

PASSWORD = "correct horse battery"


def register(page: Page, name: str) -> None:
    """Register under a name, and arrive at the front page."""
    page.goto("/register")
    page.get_by_label("User name").fill(name)
    page.get_by_label("E-mail").fill(f"{name}@example.org")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=confirm]").fill(PASSWORD)
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def assert_accessible(page: Page) -> None:
    """Find nothing with axe, in light and in dark."""
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
        results = Axe().run(page)
        faults = [
            f"{theme}: {violation['id']}: {node['html'][:200]}"
            for violation in results.response["violations"]
            for node in violation["nodes"]
        ]
        assert not faults, f"{page.url}: {faults}"
    page.evaluate("document.documentElement.dataset.bsTheme = 'light'")
