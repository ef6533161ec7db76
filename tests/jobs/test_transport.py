"""The broker in a folder."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection

from beanft.jobs import transport


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    with Connection(f"{transport.SCHEME}://localhost", transport_options={"folder": str(tmp_path)}) as made:
        yield made


def test_messages_come_in_order_and_once(connection: Connection) -> None:
    queue = connection.SimpleQueue("default")
    for number in range(5):
        queue.put({"number": number})
    assert queue.qsize() == 5
    assert [queue.get(timeout=1).payload["number"] for _ in range(5)] == list(range(5))
    with pytest.raises(queue.Empty):
        queue.get(timeout=0.01)
    queue.close()


def test_queues_whose_names_begin_alike_are_apart(connection: Connection) -> None:
    channel = connection.default_channel
    channel._put("heavy", {"a": 1})
    channel._put("heavy.two", {"a": 2})
    assert channel._get("heavy")["a"] == 1
    assert channel._size("heavy.two") == 1
    assert channel._purge("heavy.two") == 1
    with pytest.raises(Empty):
        channel._get("heavy.two")


def test_no_message_is_lost_or_doubled_between_writers_and_readers(tmp_path: Path) -> None:
    """kombu's own transport loses some 2 % here."""
    per_writer, found = 300, []
    writing = threading.Event()

    def channel() -> transport.Channel:
        options = {"folder": str(tmp_path)}
        return Connection(f"{transport.SCHEME}://localhost", transport_options=options).channel()

    def write(writer: int) -> None:
        mine = channel()
        for number in range(per_writer):
            mine._put("default", {"name": f"{writer}-{number}"})

    def read() -> None:
        mine = channel()
        while writing.is_set() or mine._size("default"):
            try:
                found.append(mine._get("default")["name"])
            except Empty:
                continue

    writing.set()
    readers = [threading.Thread(target=read) for _ in range(2)]
    writers = [threading.Thread(target=write, args=(writer,)) for writer in range(2)]
    for thread in [*readers, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    writing.clear()
    for thread in readers:
        thread.join()
    assert sorted(found) == sorted(f"{w}-{n}" for w in range(2) for n in range(per_writer))
