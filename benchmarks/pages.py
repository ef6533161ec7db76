"""Latency of the pages that people open most, against a bare Flask page with the same session and one query.

Run with `make bench`. Both are served alike, in processes of their own; requests
take turns, so that a slow moment of the machine hits all alike. Read the ratios, not the milliseconds.
"""

import argparse
import http.client
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "site"), str(ROOT / "tests")]

from flask import Flask, render_template_string
from flask_login import LoginManager, login_required

from beanft.database import migrate_database
from beanft.extensions import db
from beanft.factory import create_app
from beanft.listening import listen
from beanft.models import Dataset
from beanft.settings import load
from factories import PASSWORD, make_dataset, make_user


def table(rows: int) -> str:
    """A CSV of mixed columns with missing values, the same for the same number of rows."""
    draw = random.Random(0)
    cities = ["Oslo", "Lima", "Perth", "Quito", ""]
    lines = ["day,city,price,amount,note"]
    for i in range(rows):
        price = "" if draw.random() < 0.05 else f"{draw.lognormvariate(3, 1):.2f}"
        day = f"20{10 + i % 10}-{1 + i % 12:02}-{1 + i % 28:02}"
        lines.append(f"{day},{draw.choice(cities)},{price},{draw.randrange(1000)},row {i}")
    return "\n".join(lines) + "\n"


def bare_app(instance: str) -> Flask:
    """A page with the same session, user look-up and database, one query and ten rows of HTML."""
    site = create_app(instance=instance)
    app = Flask("bare")
    app.config.update({key: site.config[key] for key in ("SECRET_KEY", "SQLALCHEMY_DATABASE_URI", "BEANFT")})
    app.config["SESSION_COOKIE_NAME"] = site.config["SESSION_COOKIE_NAME"]
    db.init_app(app)
    login = LoginManager(app)
    login.user_loader(site.login_manager._user_callback)  # type: ignore[attr-defined]  # Flask-Login sets it

    @app.get("/")
    @login_required
    def page() -> str:
        rows = db.session.scalars(db.select(Dataset).limit(10)).all()
        return render_template_string("{% for row in rows %}<p>{{ row.name }}</p>{% endfor %}", rows=rows)

    return app


def prepare(instance: Path, rows: int) -> int:
    """Register alice and ingest the table; return the dataset's number."""
    app = create_app(instance=instance)
    with app.app_context():
        migrate_database()
        dataset = make_dataset(make_user("alice"), name="sales", csv=table(rows))
        db.engine.dispose()
        return dataset.id


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def start(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL)


def get(port: int, path: str, cookie: str = "") -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, dict(answer.getheaders()), body


def wait(port: int, path: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            get(port, path)
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"nothing answers on port {port}")


def log_in(instance: Path) -> str:
    """A login cookie, made by the site's own login view."""
    app = create_app(instance=instance)
    app.config["WTF_CSRF_ENABLED"] = False
    answer = app.test_client().post("/login", data={"login": "alice", "password": PASSWORD})
    name = app.config["SESSION_COOKIE_NAME"]
    return next(c.split(";")[0] for c in answer.headers.getlist("Set-Cookie") if c.startswith(f"{name}="))


def measure(targets: dict[str, tuple[int, str]], cookie: str, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each target, `rounds` times in turn, after five that are not counted."""
    times: dict[str, list[float]] = {name: [] for name in targets}
    for turn in range(rounds + 5):
        for name, (port, path) in targets.items():
            begun = time.perf_counter()
            status, _, body = get(port, path, cookie)
            elapsed = 1000 * (time.perf_counter() - begun)
            if status != 200:
                raise SystemExit(f"{name} answered {status}: {body[:300]!r}")
            if turn >= 5:
                times[name].append(elapsed)
    return times


def report(times: dict[str, list[float]]) -> None:
    bare = statistics.median(times["bare Flask page"])
    print("| page | median ms | 95 % ms | times the bare page |\n|---|---|---|---|")
    for name, values in times.items():
        median = statistics.median(values)
        late = statistics.quantiles(values, n=20)[-1]
        print(f"| {name} | {median:.1f} | {late:.1f} | {median / bare:.1f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--serve-bare", nargs=2, metavar=("INSTANCE", "PORT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve_bare:
        instance, port = options.serve_bare
        listen(bare_app(instance), load(instance=instance, port=int(port))).answer()
        return
    folder = Path(tempfile.mkdtemp())
    instance = folder / "instance"
    dataset = prepare(instance, options.rows)
    cookie = log_in(instance)
    port, bare_port = free_port(), free_port()
    servers = [
        start("app.py", "--port", str(port), "--instance", str(instance)),
        start(str(Path(__file__)), "--serve-bare", str(instance), str(bare_port)),
    ]
    try:
        wait(port, "/healthz")
        wait(bare_port, "/")
        at = f"/datasets/{dataset}"
        targets = {
            "bare Flask page": (bare_port, "/"),
            "home": (port, "/"),
            "dataset": (port, at),
            "rows, first page": (port, f"{at}/rows"),
            "rows, page 10,000": (port, f"{at}/rows?page=10000"),
            "rows, sorted by a number": (port, f"{at}/rows?sort=-price"),
        }
        print(f"{options.rows:,} rows, {options.rounds} rounds, {os.cpu_count()} processors\n")
        report(measure(targets, cookie, options.rounds))
    finally:
        for server in servers:
            server.send_signal(signal.SIGTERM)
            server.wait(30)
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
