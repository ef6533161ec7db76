"""Further processes of the web server, which listen where the first one does, and are gone when it is."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from beanft import logs
from beanft.factory import create_app
from beanft.jobs.embedded import environment
from beanft.listening import Place, join
from beanft.settings import Settings, load

_SITE = Path(__file__).resolve().parents[1]
_LOOK_S = 1.0
_PATIENCE_S = 5.0

_log = logging.getLogger(__name__)


class Siblings:
    """Starts as many as the settings ask for besides this process, and again those that die."""

    def __init__(self, settings: Settings, places: Sequence[Place]) -> None:
        self._settings, self._places = settings, [f"{host}|{port}" for host, port in places]
        self._stopping = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="siblings", daemon=True)
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start them; they answer some seconds later, as soon as they are ready."""
        for number in range(2, self._settings.processes + 1):
            self._processes[number] = self._spawn(number)
        if self._processes:
            self._watcher.start()

    def ask_to_stop(self) -> None:
        """Tell them to stop; returns at once."""
        self._stopping.set()
        for process in self._processes.values():
            process.terminate()

    def stop(self) -> None:
        """Stop them and wait until they are gone."""
        self.ask_to_stop()
        if self._watcher.is_alive():
            self._watcher.join()
        deadline = time.monotonic() + _PATIENCE_S
        for process in self._processes.values():
            process.terminate()  # the watcher may have started one meanwhile
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _watch(self) -> None:
        while not self._stopping.wait(_LOOK_S):
            for number, process in list(self._processes.items()):
                if process.poll() is not None and not self._stopping.is_set():
                    _log.error(
                        "web process %d ended with code %d; it is started again", number, process.returncode
                    )
                    self._processes[number] = self._spawn(number)

    def _spawn(self, number: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603  # our own program, no shell
            [sys.executable, "-m", "beanft.siblings", str(number), *self._places],
            env=os.environ | environment(self._settings) | {"PYTHONPATH": str(_SITE)},
            stdin=subprocess.PIPE,  # never written; it closes when this process dies
            start_new_session=True,  # Ctrl-C in a terminal reaches the first process only
        )


def main(number: str, *places: str) -> None:
    """Serve as one of them, until the first process stops or dies."""
    signal.signal(signal.SIGTERM, _stop)
    settings = load()
    app = create_app(settings)
    logs.write_to(f"beanft-{number}.log", settings)
    threading.Thread(target=_stop_with_parent, name="lifeline", daemon=True).start()
    pairs = [place.rpartition("|") for place in places]
    join(app, settings, [(host, int(port)) for host, _, port in pairs]).run()  # until SIGTERM, and closes


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _stop_with_parent() -> None:
    os.read(0, 1)  # returns when the other end is closed, however the parent died
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(*sys.argv[1:])
