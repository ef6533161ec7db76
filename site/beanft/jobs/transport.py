"""A Celery broker in a folder: messages are files; for the embedded worker only.

kombu's own filesystem transport lists a file that its writer has made but not yet filled (2 of 100
messages were lost in a tight loop), reads through the system's temporary folder and orders by a clock that
starts anew at each boot. Here a message gets its name when it is whole, and whoever renames it owns it.
"""

import json
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, virtual

SCHEME = "beanftfolder"
_TAKEN = ".taken"
_WAIT_S = 0.5


class Channel(virtual.Channel):
    """Reads and writes the folder named by the transport option “folder”."""

    def _folder(self, queue: str) -> Path:
        folder = Path(self.connection.client.transport_options["folder"]) / queue
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def _messages(self, queue: str) -> list[Path]:
        """The oldest first."""
        return sorted(self._folder(queue).glob("*.msg"))

    def _put(self, queue: str, message: Any, **_options: Any) -> None:
        name = f"{time.time_ns():020}-{uuid.uuid4().hex}"
        part = self._folder(queue) / f"{name}.part"
        part.write_text(json.dumps(message), encoding="utf-8")
        part.rename(part.with_suffix(".msg"))

    def _get(self, queue: str, timeout: float | None = None) -> Any:  # noqa: ARG002  # kombu's signature
        for path in self._messages(queue):
            taken = path.with_suffix(_TAKEN)
            try:
                path.rename(taken)
            except FileNotFoundError:
                continue  # another reader was quicker
            text = taken.read_text(encoding="utf-8")
            taken.unlink()
            return json.loads(text)
        raise Empty

    def _size(self, queue: str) -> int:
        return len(self._messages(queue))

    def _purge(self, queue: str) -> int:
        messages = self._messages(queue)
        for path in messages:
            path.unlink(missing_ok=True)
        return len(messages)


class Transport(virtual.Transport):
    """Polls ten times a second: a job starts within 0.2 s at 0.3 % of a core."""

    Channel = Channel
    polling_interval = 0.1
    driver_type = driver_name = "folder"

    def drain_events(self, connection: Any, timeout: float | None = None) -> Any:  # type: ignore[override]  # as kombu
        """Wait for a message; not the two seconds that Celery asks for, in which it would hear no SIGTERM."""
        return super().drain_events(connection, min(timeout or _WAIT_S, _WAIT_S))  # type: ignore[no-untyped-call]  # kombu

    def driver_version(self) -> str:
        """Answer kombu's question; there is no driver."""
        return "1"


TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
