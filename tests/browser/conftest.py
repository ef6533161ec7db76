"""A real site (its own process, its own worker) and a real Chromium."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from waiting import wait_for

ROOT = Path(__file__).resolve().parents[2]
_START_S = 60.0
expect.set_options(timeout=20_000)  # the machine does other tests meanwhile


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in Path(item.fspath).parts:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site started as the README says, on a free port and an instance of its own."""
    instance = tmp_path_factory.mktemp("site")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (instance / "out.txt").open("w")
    process = subprocess.Popen(
        [sys.executable, "app.py", "--port", str(port), "--instance", str(instance / "instance")],
        cwd=ROOT,
        env={**os.environ, "BEANFT_REGISTRATIONS_PER_HOUR": "1000"},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: _answers(f"{address}/healthz", process, instance / "out.txt"), within_s=_START_S)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        log.close()


def _answers(address: str, process: subprocess.Popen[bytes], log: Path) -> bool:
    """Whether a site answers by now; it must not have ended meanwhile."""
    assert process.poll() is None, f"the site ended: {log.read_text()}"
    try:
        with urllib.request.urlopen(address, timeout=1):
            return True
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is not installed, and CI must not skip the browser tests")
        pytest.skip("CHROMIUM IS NOT INSTALLED: the browser tests did not run")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """A page of a fresh browser; the test fails when the console shows an error or a CSP violation."""
    context = browser.new_context(base_url=site, accept_downloads=True, reduced_motion="reduce")
    context.set_default_timeout(20_000)
    page = context.new_page()
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        expected = "status of 4" in message.text  # a form answered 422, an address 404: tests ask for those
        if message.type == "error" and not expected:
            complaints.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def browser_without_javascript(browser: Browser, site: str) -> Iterator[Page]:
    context = browser.new_context(base_url=site, java_script_enabled=False)
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()
