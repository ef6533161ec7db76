"""`python app.py` as whoever installs Beanft meets it."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from beanft import listening
from beanft.serve import main

ROOT = Path(__file__).resolve().parents[1]


def start(*options: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(ROOT / "app.py"), *options],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def refusal_of_process(*options: str) -> str:
    """The same from outside: a web server that cannot listen leaves its socket to the end of its process."""
    said, complaint = (process := start(*options)).communicate(timeout=60)
    assert (process.returncode, said, complaint.count("\n")) == (1, "", 1), complaint
    return complaint


@pytest.fixture
def refusal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """What it says on standard error when it does not start; always one line."""

    def refuse(*options: str, **environment: str) -> str:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        assert main(options) == 1
        said, complaint = capsys.readouterr()
        assert said == ""
        assert complaint.count("\n") == 1, complaint
        return complaint

    return refuse


def test_help_names_the_options_and_makes_nothing(tmp_path: Path) -> None:
    process = start("--help", BEANFT_INSTANCE=str(tmp_path / "instance"))
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    for option in ("--host", "--port", "--instance", "--workers", "--no-worker"):
        assert option in said
    assert not (tmp_path / "instance").exists()


def test_it_serves_stops_on_ctrl_c_and_starts_as_it_was(tmp_path: Path, refusal: Callable[..., str]) -> None:
    keys = []
    for _ in range(2):
        process = start("--port", "0", "--no-worker", BEANFT_INSTANCE=str(tmp_path))
        greeting = process.stdout.readline()
        assert greeting.startswith("Beanft is ready at http://127.0.0.1:")
        with urllib.request.urlopen(greeting.split()[4] + "/healthz") as answer:
            assert (answer.status, answer.read()) == (200, b'{"status":"ok"}\n')
        second = refusal("--port", "0", "--instance", str(tmp_path))
        assert second.startswith(f"Beanft already runs on {tmp_path}. Stop it first")
        process.send_signal(signal.SIGINT)
        _, complaint = process.communicate(timeout=15)
        assert (process.returncode, complaint) == (0, "")
        keys.append((tmp_path / "secret_key").read_bytes())
    assert keys[0] == keys[1]
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_visitors_who_connect_and_say_nothing_leave_room_for_others(tmp_path: Path) -> None:
    process = start("--port", "0", "--no-worker", BEANFT_INSTANCE=str(tmp_path))
    with contextlib.ExitStack() as open_sockets:
        open_sockets.callback(process.communicate, timeout=15)
        open_sockets.callback(process.terminate)
        address = process.stdout.readline().split()[4]
        port = int(address.rpartition(":")[2])
        for _ in range(150):
            idle = open_sockets.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            idle.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Never-Ending: ")
        with urllib.request.urlopen(f"{address}/healthz", timeout=10) as answer:
            assert answer.status == 200


def test_connections_fit_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (256, 1024))
    raised: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda _which, limits: raised.append(limits))
    assert listening._most_connections() == 341
    assert raised == [(1024, 1024)]
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (20_000, 20_000))
    assert listening._most_connections() == 1000


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refusal_of_process("--port", str(port), "--instance", str(tmp_path))
    assert said.startswith(f"Beanft cannot listen on port {port} of 127.0.0.1 (Address already in use).")


def test_a_host_that_is_not_ours(tmp_path: Path) -> None:
    said = refusal_of_process("--host", "nowhere.invalid", "--port", "0", "--instance", str(tmp_path))
    assert said.startswith("Beanft cannot listen on port 0 of nowhere.invalid")


@pytest.mark.parametrize(
    ("options", "environment", "sentence"),
    [
        (
            ["--instance", "/dev/null/here"],
            {},
            "The folder /dev/null/here cannot be written (Not a directory).",
        ),
        (["--port", "70000"], {}, "The setting “port” (option) is 70000. It must be between 0 and 65,535."),
        (["--workers", "0"], {}, "The setting “workers” (option) is 0. It must be between 1 and 1,000."),
        ([], {"BEANFT_COLOUR": "red"}, "There is no setting BEANFT_COLOUR."),
        ([], {"BEANFT_PORT": "many"}, "The setting “port” (BEANFT_*) is “many”, which is no int."),
        ([], {"BEANFT_LOG_LEVEL": "FOO"}, "The setting “log_level” (BEANFT_*) is “FOO”. It must be one of"),
        ([], {"BEANFT_QUERY_TIMEOUT_S": "nan"}, "The setting “query_timeout_s” (BEANFT_*) is nan. It must"),
        ([], {"BEANFT_DATABASE_URL": "nonsense"}, "The database cannot be used: "),
        ([], {"BEANFT_DATABASE_URL": "sqlite:////dev/null/x"}, "The database cannot be used: "),
    ],
)
def test_what_cannot_be_used_is_named(
    tmp_path: Path,
    refusal: Callable[..., str],
    options: list[str],
    environment: dict[str, str],
    sentence: str,
) -> None:
    chosen = {"BEANFT_INSTANCE": str(tmp_path / "instance")} | environment
    assert refusal(*options, **chosen).startswith(sentence)


def test_a_database_from_a_newer_version(tmp_path: Path, refusal: Callable[..., str]) -> None:
    with sqlite3.connect(tmp_path / "beanft.sqlite3") as database:
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        database.execute("INSERT INTO alembic_version VALUES ('9999_tomorrow')")
    database.close()
    said = refusal("--port", "0", "--instance", str(tmp_path))
    assert said.startswith("The database is from a newer version of Beanft (revision 9999_tomorrow).")


def test_a_file_that_is_no_database(tmp_path: Path, refusal: Callable[..., str]) -> None:
    (tmp_path / "beanft.sqlite3").write_bytes(b"no database at all" * 100)
    said = refusal("--port", "0", "--instance", str(tmp_path))
    assert said.startswith("The database cannot be used: file is not a database.")
