"""Further processes of the web server, which listen where the first one does, and end soon after it."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import FrameType

from beanft import logs
from beanft.children import Child
from beanft.factory import create_app
from beanft.jobs.embedded import environment
from beanft.listening import Place, join
from beanft.settings import Settings, load

_SITE = Path(__file__).resolve().parents[1]
_PATIENCE_S = 5.0


class Siblings:
    """As many as the settings ask for besides this process."""

    def __init__(self, settings: Settings, places: Sequence[Place]) -> None:
        self._settings, self._places = settings, [f"{host}|{port}" for host, port in places]
        numbers = range(2, settings.processes + 1)
        self._children = [Child(f"web process {number}", partial(self._spawn, number)) for number in numbers]

    def start(self) -> None:
        """Start them; they answer some seconds later, as soon as they are ready."""
        for child in self._children:
            child.start()

    def ask_to_stop(self) -> None:
        """Tell them to stop; returns at once."""
        for child in self._children:
            child.ask_to_stop()

    def stop(self) -> None:
        """Stop them and wait until they are gone."""
        self.ask_to_stop()
        for child in self._children:
            child.stop()

    def _spawn(self, number: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603  # our own program, no shell
            [sys.executable, "-P", "-m", "beanft.siblings", str(number), *self._places],
            env=os.environ | environment(self._settings) | {"PYTHONPATH": os.pathsep.join(_import_path())},
            stdin=subprocess.PIPE,  # never written; it closes when this process dies
            start_new_session=True,  # Ctrl-C in a terminal reaches the first process only
        )


def main(number: str, *places: str) -> None:
    """Serve as one of them, until the first process stops or dies."""
    with contextlib.suppress(KeyboardInterrupt):  # as SIGTERM is passed on, while it starts
        signal.signal(signal.SIGTERM, _stop)
        _serve(number, places)


def _serve(number: str, places: Sequence[str]) -> None:
    settings = load()
    app = create_app(settings)
    logs.write_to(f"beanft-{number}.log", settings)
    threading.Thread(target=_stop_with_parent, name="lifeline", daemon=True).start()
    pairs = [place.rpartition("|") for place in places]
    join(app, settings, [(host, int(port)) for host, _, port in pairs]).answer()  # until SIGTERM


def _stop(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough
    raise KeyboardInterrupt


def _import_path() -> list[str]:
    own = os.environ.get("PYTHONPATH")
    return [str(_SITE), *([own] if own else [])]


def _stop_with_parent() -> None:
    os.read(0, 1)  # returns when the other end is closed, however the parent died
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_PATIENCE_S)
    os._exit(1)  # somebody waits for the port


if __name__ == "__main__":
    main(*sys.argv[1:])
