"""The web server as visitors meet it, the slow, the silent and the hostile ones among them."""

from __future__ import annotations

import errno
import io
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from beanft.listening import Server, _bind, connections
from beanft.settings import Settings, load
from waiting import wait_for

Environ = dict[str, Any]
MIB = 1 << 20


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """One thread only, and bodies of at most four MiB."""
    return load(instance=tmp_path, port=0, threads=1, form_upload_max_mb=1, slice_mb=1)


@pytest.fixture
def serve(settings: Settings) -> Iterator[Callable[[Any], Server]]:
    """Serves what it is given until the test ends."""
    running: list[tuple[Server, threading.Thread]] = []

    def begin(site: Any) -> Server:
        server = Server(site, settings, _bind("127.0.0.1", 0))
        thread = threading.Thread(target=server.answer)
        thread.start()
        running.append((server, thread))
        wait_for(lambda: server.started)
        return server

    yield begin
    for server, thread in running:
        server.should_exit = True
        thread.join(15)
        assert not thread.is_alive()


@contextmanager
def connected(server: Server, sent: bytes = b"") -> Iterator[socket.socket]:
    with socket.create_connection(server.places[0], timeout=20) as connection:
        connection.sendall(sent)
        yield connection


def ask(server: Server, sent: bytes) -> tuple[bytes, bytes]:
    """Head and body of the answer to a request that ends the connection."""
    with connected(server, sent) as connection:
        return read(connection)


def read(connection: socket.socket) -> tuple[bytes, bytes]:
    came = b""
    while piece := connection.recv(MIB):
        came += piece
    head, _, body = came.partition(b"\r\n\r\n")
    return head, body


def request(path: str = "/", *headers: str, body: bytes = b"", method: str = "GET") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: here", "Connection: close", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def plain(text: bytes) -> Callable[[Environ, Any], Iterable[bytes]]:
    def site(_environ: Environ, start: Any) -> Iterable[bytes]:
        start("200 OK", [("Content-Length", str(len(text)))])
        return [text]

    return site


class Echo:
    """Answers with the length of the body, and keeps what else it was asked."""

    def __init__(self) -> None:
        self.asked: list[Environ] = []

    def __call__(self, environ: Environ, start: Any) -> Iterable[bytes]:
        self.asked.append(environ)
        said = str(len(environ["wsgi.input"].read())).encode()
        start("200 OK", [("Content-Length", str(len(said)))])
        return [said]


class Download:
    """An answer without an end, which tells when it was closed."""

    def __init__(self) -> None:
        self.closed = threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        while not self.closed.is_set():
            yield b"x" * 65_536

    def close(self) -> None:
        self.closed.set()


def test_a_request_reaches_the_site_as_it_was_sent(serve: Callable[[Any], Server]) -> None:
    server = serve(site := Echo())
    sent = request(
        "/caf%C3%A9/%ff?q=%20a",
        "Cookie: a=1",
        "Cookie: b=2",
        "Accept: x",
        "Accept: y",
        "X_Forwarded_For: 6.6.6.6",
        "Content-Type: text/plain",
        body=b"12345",
        method="POST",
    )
    head, body = ask(server, sent)
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nserver: Beanft\r\n" in head
    assert body == b"5"
    environ = site.asked[0]
    assert environ["PATH_INFO"].encode("latin-1") == b"/caf\xc3\xa9/\xff"
    assert (environ["QUERY_STRING"], environ["REQUEST_METHOD"]) == ("q=%20a", "POST")
    assert (environ["HTTP_COOKIE"], environ["HTTP_ACCEPT"]) == ("a=1; b=2", "x,y")
    assert (environ["CONTENT_LENGTH"], environ["CONTENT_TYPE"]) == ("5", "text/plain")
    assert environ["REMOTE_ADDR"] == "127.0.0.1"
    assert "HTTP_X_FORWARDED_FOR" not in environ


def test_a_body_in_chunks_arrives_whole(serve: Callable[[Any], Server]) -> None:
    server = serve(site := Echo())
    chunk = b"186a0\r\n" + b"x" * 100_000 + b"\r\n"
    sent = request("/", "Transfer-Encoding: chunked", method="POST") + 20 * chunk + b"0\r\n\r\n"
    assert ask(server, sent)[1] == b"2000000"  # more than is kept in memory
    assert site.asked[0]["CONTENT_LENGTH"] == "2000000"
    assert "HTTP_TRANSFER_ENCODING" not in site.asked[0]


def test_what_is_too_large_is_refused_before_the_site_is_asked(serve: Callable[[Any], Server]) -> None:
    server = serve(site := Echo())
    large = request("/", body=bytes(5 * MIB), method="POST")
    hesitant = request("/", f"Content-Length: {5 * MIB}", "Expect: 100-continue", method="POST")
    for sent in (large, hesitant):
        head, body = ask(server, sent)
        assert head.startswith(b"HTTP/1.1 413 ")
        assert body == b"Beanft accepts no request as large as this."
    chunks = 5 * (b"100000\r\n" + b"x" * MIB + b"\r\n") + b"0\r\n\r\n"
    head, _ = ask(server, request("/", "Transfer-Encoding: chunked", method="POST") + chunks)
    assert head.startswith(b"HTTP/1.1 413 ")
    assert site.asked == []


def test_who_sends_slowly_takes_no_thread(serve: Callable[[Any], Server]) -> None:
    server = serve(plain(b"hello"))
    with connected(server, request("/", "Content-Length: 10", method="POST") + b"half") as slow:
        assert ask(server, request())[1] == b"hello"
        slow.sendall(b"second")
        assert read(slow)[1] == b"hello"


def test_who_reads_slowly_takes_no_thread_and_who_leaves_ends_the_answer(
    serve: Callable[[Any], Server],
) -> None:
    download = Download()

    def site(environ: Environ, start: Any) -> Iterable[bytes]:
        start("200 OK", [])
        return download if environ["PATH_INFO"] == "/all" else [b"hello"]

    server = serve(site)
    with connected(server, request("/all")) as slow:
        assert slow.recv(1000).startswith(b"HTTP/1.1 200 OK")
        assert b"hello" in ask(server, request())[1]
        assert not download.closed.is_set()
    assert download.closed.wait(10)


def test_an_answer_in_pieces_comes_in_order(serve: Callable[[Any], Server]) -> None:
    def site(_environ: Environ, start: Any) -> Iterable[bytes]:
        start("200 OK", [("Content-Length", str(26 * 50_000))])
        for letter in range(26):
            yield bytes([65 + letter]) * 50_000

    assert ask(serve(site), request())[1] == b"".join(bytes([65 + i]) * 50_000 for i in range(26))


def test_a_fault_of_the_site_is_a_500_and_closes_the_answer(
    serve: Callable[[Any], Server], caplog: pytest.LogCaptureFixture
) -> None:
    closed = threading.Event()

    class Faulty(Download):
        def __iter__(self) -> Iterator[bytes]:
            raise ValueError("in the middle")
            yield b""

        def close(self) -> None:
            closed.set()

    head, body = ask(serve(lambda _environ, start: start("200 OK", []) and Faulty()), request())
    assert head.startswith(b"HTTP/1.1 500 ")
    assert body == b"Internal Server Error"
    assert closed.is_set()
    assert "in the middle" in caplog.text


@pytest.mark.parametrize(
    "endless",
    [
        b"GET / HTTP/1.1\r\nX-Long: " + b"x" * 400_000,
        b"GET /" + b"x" * 400_000,
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Trailer: " + b"x" * 400_000,
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;" + b"x" * 400_000,
    ],
)
def test_a_head_or_a_trailer_without_end_is_refused(serve: Callable[[Any], Server], endless: bytes) -> None:
    server = serve(site := Echo())
    with connected(server) as connection:
        with suppress(ConnectionResetError):
            connection.sendall(endless)
        came = connection.recv(1000)
    assert came.startswith(b"HTTP/1.1 400 ")
    assert came.endswith(b"The head of this request is too long.")
    assert site.asked == []


def test_no_request_at_all_is_refused(serve: Callable[[Any], Server]) -> None:
    assert ask(serve(Echo()), b"\x16\x03\x01 this is no HTTP\r\n\r\n")[0].startswith(b"HTTP/1.1 400 ")


def test_silent_visitors_are_let_go_but_not_those_who_wait(
    serve: Callable[[Any], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "IDLE_S", 0.3)
    monkeypatch.setattr("beanft.listening._SWEEP_TICKS", 1)

    def site(_environ: Environ, start: Any) -> Iterable[bytes]:
        time.sleep(1.5)  # longer than a visitor may be silent: it is the site's turn
        start("200 OK", [("Content-Length", "4")])
        return [b"late"]

    server = serve(site)
    begun = b"GET / HTTP/1.1\r\nX-Never"
    unsent = request("/", "Content-Length: 10", method="POST") + b"half"
    with connected(server) as mute, connected(server, begun) as half, connected(server, unsent) as sender:
        with connected(server, request()) as waiting:
            assert read(waiting)[1] == b"late"
        for silent in (mute, half, sender):
            with suppress(ConnectionResetError):
                assert silent.recv(100) == b""


def test_who_does_not_take_the_answer_is_let_go(
    serve: Callable[[Any], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "IDLE_S", 0.3)
    monkeypatch.setattr("beanft.listening._SWEEP_TICKS", 1)
    download = Download()
    server = serve(lambda _environ, start: start("200 OK", []) and download)
    with connected(server, request()):
        assert download.closed.wait(10)


def test_where_all_places_are_taken_those_go_that_wait_for_nothing(
    serve: Callable[[Any], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("beanft.listening._most_connections", lambda: 4)
    begun, go_on = threading.Event(), threading.Event()

    def site(environ: Environ, start: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/long":
            begun.set()
            assert go_on.wait(20)
        start("200 OK", [("Content-Length", "5")])
        return [b"hello"]

    server = serve(site)
    with connected(server, request("/long")) as waiting, ExitStack() as crowd:
        assert begun.wait(10)
        for _ in range(40):
            crowd.enter_context(connected(server, b"\r\n"))
        wait_for(lambda: len(server.server_state.connections) == 4)
        go_on.set()
        assert read(waiting)[1] == b"hello"
        assert ask(server, request())[1] == b"hello"


@pytest.mark.parametrize("second", [request(), request("/", "Content-Length: 10", method="POST") + b"half"])
def test_requests_come_one_after_another(serve: Callable[[Any], Server], second: bytes) -> None:
    download = Download()
    server = serve(lambda _environ, start: start("200 OK", []) and download)
    with connected(server, b"GET / HTTP/1.1\r\nHost: here\r\n\r\n" + second) as both:
        with suppress(ConnectionResetError):
            while both.recv(MIB):
                pass
        wait_for(lambda: not server.server_state.connections)
    wait_for(lambda: not server.server_state.tasks)


def test_who_leaves_while_others_are_answered_is_not_answered(serve: Callable[[Any], Server]) -> None:
    begun, go_on = threading.Event(), threading.Event()
    asked: list[str] = []

    def site(environ: Environ, start: Any) -> Iterable[bytes]:
        asked.append(environ["PATH_INFO"])
        begun.set()
        assert go_on.wait(20)
        start("200 OK", [("Content-Length", "4")])
        return [b"here"]

    server = serve(site)
    with connected(server, request("/first")) as first:
        assert begun.wait(10)
        for _ in range(5):
            with connected(server, request("/left", body=bytes(100_000), method="POST")):
                wait_for(lambda: len(server.server_state.tasks) == 2)
            wait_for(lambda: len(server.server_state.tasks) == 1)
        go_on.set()
        assert read(first)[1] == b"here"
    assert asked == ["/first"]


def test_a_trailer_is_no_header(serve: Callable[[Any], Server]) -> None:
    server = serve(site := Echo())
    sent = request("/", "Transfer-Encoding: chunked", "X-Forwarded-For: 1.1.1.1", method="POST")
    assert ask(server, sent + b"5\r\nhello\r\n0\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n")[1] == b"5"
    assert site.asked[0]["HTTP_X_FORWARDED_FOR"] == "1.1.1.1"


def test_an_offer_of_another_protocol_is_declined_and_the_body_read(serve: Callable[[Any], Server]) -> None:
    server = serve(Echo())
    offer = (
        "Connection: Upgrade, HTTP2-Settings",
        "Upgrade: h2c",
        "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA",
    )
    sent = request("/", *offer, body=b"hello", method="POST").replace(b"Connection: close\r\n", b"")
    with connected(server, sent) as connection:
        came = b""
        while not came.endswith(b"\r\n\r\n5"):
            piece = connection.recv(1000)
            assert piece, came
            came += piece
        connection.sendall(request("/", body=b"again!", method="POST"))
        assert read(connection)[1] == b"6"


def test_too_many_headers_are_refused(serve: Callable[[Any], Server]) -> None:
    server = serve(site := Echo())
    assert ask(server, request("/", *(f"X-{i}: y" for i in range(300))))[0].startswith(b"HTTP/1.1 400 ")
    assert site.asked == []


def test_all_bodies_together_are_bounded_but_small_ones_come_in(
    serve: Callable[[Any], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("beanft.listening.bodies._MOST", 1)
    server = serve(Echo())
    largest, large, small = (request("/", body=bytes(n), method="POST") for n in (4 * MIB, 2 * MIB, 5))
    with connected(server, largest[:-1]) as slow:
        wait_for(lambda: server.config.loaded_app._bodies._held == 4 * MIB - 1)
        head, body = ask(server, large)
        assert head.startswith(b"HTTP/1.1 503 ")
        assert body == b"Too much is being sent to Beanft at the moment. Try again in a minute."
        assert ask(server, small)[1] == b"5"  # such as a login
        slow.sendall(largest[-1:])
        assert read(slow)[1] == b"4194304"
    assert ask(server, large)[1] == b"2097152"


def test_a_full_disk_is_named_and_what_was_held_is_given_back(
    serve: Callable[[Any], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.BytesIO):
        def write(self, piece: Any, /) -> int:
            raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("beanft.listening.bodies.SpooledTemporaryFile", lambda _most: Full())
    server = serve(site := Echo())
    head, body = ask(server, request("/", body=b"hello", method="POST"))
    assert head.startswith(b"HTTP/1.1 507 ")
    assert body == b"The disk of this site is full. Tell whoever runs it."
    assert (site.asked, server.config.loaded_app._bodies._held) == ([], 0)


def test_who_reads_steadily_gets_all_of_it(
    serve: Callable[[Any], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "IDLE_S", 0.5)
    monkeypatch.setattr("beanft.listening._SWEEP_TICKS", 1)
    server = serve(plain(bytes(16 * MIB)))
    with connected(server, request()) as slow:
        came = 0
        for _ in range(20):
            time.sleep(0.1)
            came += len(slow.recv(MIB // 4, socket.MSG_WAITALL))
        came += sum(len(piece) for piece in iter(lambda: slow.recv(MIB), b""))
    assert came > 16 * MIB


def test_an_end_of_iteration_in_the_wrong_place_is_a_500(serve: Callable[[Any], Server]) -> None:
    def site(_environ: Environ, _start: Any) -> Iterable[bytes]:
        raise StopIteration

    assert ask(serve(site), request())[0].startswith(b"HTTP/1.1 500 ")


def test_what_has_not_come_when_the_site_ends_is_let_go(
    serve: Callable[[Any], Server], caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(site := Echo())
    with connected(server, request("/", "Content-Length: 10", method="POST") + b"half") as sender:
        wait_for(lambda: len(server.server_state.tasks) == 1)
        server.handle_exit(signal.SIGTERM, None)
        assert read(sender)[0] == b""
    assert (site.asked, caplog.text) == ([], "")


def test_what_was_asked_before_the_signal_is_answered(serve: Callable[[Any], Server]) -> None:
    begun, stopped = threading.Event(), []

    def site(_environ: Environ, start: Any) -> Iterable[bytes]:
        begun.set()
        time.sleep(0.5)
        start("200 OK", [("Content-Length", "4")])
        return [b"late"]

    server = serve(site)
    server._stopping = lambda: stopped.append(begun.is_set())
    with connected(server) as idle, connected(server, request()) as waiting:
        assert begun.wait(10)
        server.handle_exit(signal.SIGTERM, None)
        server.handle_exit(signal.SIGTERM, None)  # once is enough
        assert read(waiting)[1] == b"late"
        assert idle.recv(100) == b""
    assert stopped == [True]
