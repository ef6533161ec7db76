"""What the browser tests share: registering, and looking for faults of accessibility."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page, expect

PASSWORD = "correct horse battery"
_OF_THEMES = ["color-contrast", "link-in-text-block", "image-alt"]
"""What can differ between the themes: colours, and pictures of the site itself."""
_OPTIONS: dict[str, dict[str, Any]] = {"light": {}, "dark": {"runOnly": _OF_THEMES}}


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
    """Find nothing with axe, in light by all its rules, and in dark by those that can tell the difference."""
    page.evaluate(AXE_SCRIPT)
    for theme, rules in _OPTIONS.items():
        page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
        options = {"resultTypes": ["violations"], **rules}
        results = AxeResults(page.evaluate("options => axe.run(options)", options))
        faults = [
            f"{theme}: {violation['id']}: {node['html'][:200]}"
            for violation in results.response["violations"]
            for node in violation["nodes"]
        ]
        assert not faults, f"{page.url}: {faults}"
    page.evaluate("document.documentElement.dataset.bsTheme = 'light'")
