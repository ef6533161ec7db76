"""`python app.py`: migrate the database, start the site and its worker, say where, stop both on Ctrl-C."""

import argparse
import fcntl
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from flask import Flask
from sqlalchemy.exc import ArgumentError, DBAPIError

from beanft.database import migrate_database
from beanft.factory import create_app
from beanft.jobs.embedded import EmbeddedWorker
from beanft.listening import Server, listen
from beanft.settings import Settings, SettingsError, load
from beanft.siblings import Siblings

_DESCRIPTION = (
    "Start Beanft, the site and its worker. Every option is also an environment variable, BEANFT_<NAME>."
)


class StartError(Exception):
    """The site cannot start; the message says why and what to do."""


def main(arguments: Sequence[str] | None = None, **worker: Any) -> int:
    """Serve until Ctrl-C or SIGTERM; `worker` goes to EmbeddedWorker. Returns the exit code."""
    options = vars(_parser().parse_args(arguments))
    with_worker = not options.pop("no_worker")
    try:
        settings = load(**options)
        with _only_one(settings.instance):
            _serve(_make_app(settings), settings, worker if with_worker else None)
    except (StartError, SettingsError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python app.py", description=_DESCRIPTION)
    parser.add_argument("--host", help="address to listen on (127.0.0.1: this machine only)")
    parser.add_argument("--port", type=int, help="port to listen on (5000)")
    parser.add_argument("--instance", help="folder of the database, files and logs (instance, beside app.py)")
    parser.add_argument("--workers", type=int, help="jobs that run at the same time (2)")
    parser.add_argument("--no-worker", action="store_true", help="start the site only")
    return parser


@contextmanager
def _only_one(instance: Path) -> Iterator[None]:
    """Hold the instance's lock; the system lets go of it however this process ends."""
    try:
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(instance / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _unwritable(instance, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise StartError(
            f"Beanft already runs on {instance}. Stop it first, or choose another folder with --instance."
        ) from error
    finally:
        os.close(descriptor)


def _unwritable(instance: Path, error: OSError) -> StartError:
    return StartError(
        f"The folder {instance} cannot be written ({error.strerror}). Choose another one with --instance."
    )


def _make_app(settings: Settings) -> Flask:
    """Make the app and bring its database up to date."""
    try:
        app = create_app(settings)
        with app.app_context():
            migrate_database()
    except OSError as error:
        raise _unwritable(settings.instance, error) from error
    except (DBAPIError, ArgumentError, ImportError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise StartError(f"The database cannot be used: {_one_line(cause)}. Check database_url.") from error
    return app


def _one_line(error: object) -> str:
    return " ".join(str(error).split()).rstrip(".")


def _serve(app: Flask, settings: Settings, worker_options: dict[str, Any] | None) -> None:
    server = _listen(app, settings)
    siblings = Siblings(settings, server.places)
    worker = None
    if settings.embedded and worker_options is not None:
        worker = EmbeddedWorker(app, **worker_options)

    def stopping() -> None:
        siblings.ask_to_stop()
        if worker:
            worker.ask_to_stop()  # it stops while the last requests are answered

    try:
        _stop_on_signals(stopping)
        if worker:
            worker.start()
        siblings.start()
        _greet(server, settings, worker)
        server.answer(stopping)
    finally:
        _at_signals(signal.SIG_IGN)
        server.close()
        siblings.stop()
        if worker:
            worker.stop()


def _listen(app: Flask, settings: Settings) -> Server:
    """Listen, and so find out at once whether the port is free."""
    try:
        return listen(app, settings)
    except OSError as error:
        raise StartError(
            f"Beanft cannot listen on port {settings.port} of {settings.host} ({_one_line(error.strerror)}). "
            "Stop the program that uses it, or choose another one with --port and --host."
        ) from error


def _stop_on_signals(stopping: Callable[[], None]) -> None:
    """Stop on Ctrl-C while everything starts; the server takes over when it answers."""

    def stop(number: int, _frame: Any) -> NoReturn:
        _at_signals(signal.SIG_IGN)  # once is enough
        stopping()
        raise KeyboardInterrupt(number)

    _at_signals(stop)


def _at_signals(what: Any) -> None:
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, what)


def _greet(server: Server, settings: Settings, worker: EmbeddedWorker | None) -> None:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    port = server.places[0][1]
    lines = [f"Beanft is ready at http://{host}:{port} (Ctrl-C stops it)"]
    if not worker:
        lines.append("It starts no worker: jobs wait until `celery -A app.celery worker` runs.")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
