"""`python app.py`: migrate the database, start the site and its worker, say where, stop both on Ctrl-C."""

import argparse
import fcntl
import logging
import os
import resource
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import waitress
from flask import Flask
from sqlalchemy.exc import ArgumentError, DBAPIError

from beanft.database import migrate_database
from beanft.factory import create_app
from beanft.jobs.embedded import EmbeddedWorker
from beanft.settings import Settings, SettingsError, load

_DESCRIPTION = (
    "Start Beanft, the site and its worker. Every option is also an environment variable, BEANFT_<NAME>."
)


_ROOM = 4
_CONNECTIONS = 1000
_IDLE_S = 30


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
    server = _bind(app, settings)
    worker = None
    if settings.embedded and worker_options is not None:
        worker = EmbeddedWorker(app, **worker_options)
    try:
        _stop_on_signals(worker)
        if worker:
            worker.start()
        _greet(server, settings, worker)
        server.run()
    finally:
        server.close()
        if worker:
            worker.stop()


def _bind(app: Flask, settings: Settings) -> Any:
    """Listen, and so find out at once whether the port is free."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it logs every request that waits
    # Waitress receives a body before the site may refuse it. Four times what a view takes leaves room for a
    # designed "too large" page, and bounds what a stranger can make the site write to disk.
    largest_mb = _ROOM * max(settings.form_upload_max_mb, settings.slice_mb)
    try:
        return waitress.create_server(
            app,
            host=settings.host,
            port=settings.port,
            threads=settings.threads,
            max_request_body_size=largest_mb << 20,
            ident="Beanft",
            connection_limit=_connections(),
            channel_timeout=_IDLE_S,
            asyncore_use_poll=True,  # select() knows 1,024 files
            clear_untrusted_proxy_headers=not settings.proxies,
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or _one_line(error)
        raise StartError(
            f"Beanft cannot listen on port {settings.port} of {settings.host} ({reason}). "
            "Stop the program that uses it, or choose another one with --port and --host."
        ) from error


def _connections() -> int:
    """How many visitors may be connected; a connection costs a file, and systems begin with few.

    Whoever opens connections and says nothing must not use them all up: waitress would take only 100.
    """
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= files < 2 * _CONNECTIONS:
        files = 2 * _CONNECTIONS if most < 0 else min(2 * _CONNECTIONS, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    return _CONNECTIONS if files < 0 else min(_CONNECTIONS, files // 2)


def _stop_on_signals(worker: EmbeddedWorker | None) -> None:
    def stop(number: int, _frame: Any) -> NoReturn:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)  # once is enough
        if worker:
            worker.ask_to_stop()  # it stops while the last requests are answered
        raise KeyboardInterrupt(number)

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)


def _greet(server: Any, settings: Settings, worker: EmbeddedWorker | None) -> None:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    port = getattr(server, "effective_port", settings.port)
    lines = [f"Beanft is ready at http://{host}:{port} (Ctrl-C stops it)"]
    if not worker:
        lines.append("It starts no worker: jobs wait until `celery -A app.celery worker` runs.")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
