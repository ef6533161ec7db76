"""Take the pictures of the README and the front page from a running site, in light and in dark.

Start a site on an empty instance, then: `.venv/bin/python tools/pictures.py http://127.0.0.1:5000`.
It registers, takes the penguins sample, trains on it, and photographs the leaderboard.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).resolve().parents[1] / "site" / "beanft" / "static" / "img"
PASSWORD = "a picture of penguins"
_TRAINED_MS = 180_000


def main(site: str) -> None:
    """Walk to the leaderboard and photograph it."""
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 800}, base_url=site)
        register(page)
        page.goto("/datasets/new")
        page.get_by_role("button", name="Use Penguins").click()
        page.wait_for_selector("main[data-state=ready]")
        page.goto(f"{page.url}/train?target=species")
        page.get_by_role("button", name="Train", exact=True).click()
        page.wait_for_selector("main[data-state=ready]", timeout=_TRAINED_MS)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            page.reload()
            page.wait_for_load_state("networkidle")
            page.screenshot(path=IMAGES / f"leaderboard-{theme}.png")
        browser.close()


def register(page: Page) -> None:
    """Make the account that the pictures are taken with."""
    page.goto("/register")
    page.locator("[name=username]").fill("ada")
    page.locator("[name=email]").fill("ada@example.org")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=confirm]").fill(PASSWORD)
    page.get_by_role("button", name="Register").click()


if __name__ == "__main__":
    main(sys.argv[1])
