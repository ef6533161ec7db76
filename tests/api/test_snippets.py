"""The requests on a model's page run as they stand."""

from __future__ import annotations

import ast
import html
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.serving import make_server

from api.conftest import Program
from conftest import log_in


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The site on a port of its own."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _snippets(app: Flask, address: str, model: int) -> dict[str, str]:
    page = (
        log_in(app, "alice").get(f"/models/{model}").text.replace("http://localhost/", f"http://{address}/")
    )
    found = re.findall(r'<code id="snippet-(\w+)">(.*?)</code>', page, re.DOTALL)
    return {name: html.unescape(code) for name, code in found}


def _run(command: list[str], program: Program) -> str:
    answer = subprocess.run(
        command, env=os.environ | {"BEANFT_TOKEN": program.text}, capture_output=True, text=True, timeout=60
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_the_requests_on_a_models_page_run_as_they_stand(
    app: Flask, address: str, program: Program, species_model: int
) -> None:
    code = _snippets(app, address, species_model)
    said = ast.literal_eval(_run([sys.executable, "-c", code["python"]], program))
    assert said["prediction"] in ("Gentoo", "Adelie")


def test_the_shell_gets_the_same_answer_as_python(
    app: Flask, address: str, program: Program, species_model: int
) -> None:
    if not shutil.which("curl"):
        if os.environ.get("CI"):
            pytest.fail("curl is not installed, and CI must not skip its request")
        pytest.skip("CURL IS NOT INSTALLED: its request did not run")
    code = _snippets(app, address, species_model)
    assert 'q"u<b>o</b>te' in code["curl"].replace('\\"', '"')  # hostile names of columns survive the shell
    asked = json.loads(_run(["sh", "-c", code["curl"]], program))["predictions"][0]
    said = ast.literal_eval(_run([sys.executable, "-c", code["python"]], program))
    assert asked == json.loads(json.dumps(said))
