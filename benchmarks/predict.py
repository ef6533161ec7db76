"""One row over HTTP: against the bare pipeline in this process, and against MLflow's model server.

Run with `make bench ARGS="predict"`; `--mlflow VENV` names an environment of its own that holds mlflow and
the same scikit-learn, for MLflow's side. Both servers have two processes and get the same rows as JSON from
the same client. The bare pipeline is scikit-learn's, fitted on the same table with the same sort of boosting,
and asked with a data frame of one row. Requests take turns, so that a slow moment of the machine hits all
alike.
"""

import argparse
import itertools
import json
import os
import random
import re
import selectors
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "site"), str(ROOT / "tests")]

import joblib
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from beanft.database import migrate_database
from beanft.extensions import db
from beanft.factory import create_app
from beanft.models import Experiment
from beanft.train import services as training
from beanft.users.tokens import services as tokens
from factories import PASSWORD, make_dataset, make_user, run_job

_NUMBERS = 14
_CITIES = ["Oslo", "Lima", "Perth", "Quito"]
_LENGTH = re.compile(rb"\r\n[Cc]ontent-[Ll]ength: (\d+)\r\n")
_START_S = 120
_WARM_S = 3
_ROUNDS = 5  # of new connections: the system deals them out among processes by chance
_TARGET = "bought"


def rows_of(n_rows: int) -> list[dict[str, Any]]:
    """Rows of 20 mixed columns and a target that follows from some of them."""
    draw = random.Random(0)
    return [_row(draw) for _ in range(n_rows)]


def _row(draw: random.Random) -> dict[str, Any]:
    numbers = {f"x{i}": round(draw.gauss(0, 1), 4) for i in range(_NUMBERS)}
    words = {f"city{i}": draw.choice(_CITIES) for i in range(6)}
    chance = numbers["x0"] + 0.5 * numbers["x1"] + (words["city0"] == "Oslo") + draw.gauss(0, 0.5)
    return {**numbers, **words, _TARGET: "yes" if chance > 0.3 else "no"}


def bare_pipeline(table: pd.DataFrame) -> Pipeline:
    """What one would write by hand."""
    columns = make_column_transformer(
        (
            OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
            make_column_selector(dtype_include=["object", "str"]),
        ),
        remainder="passthrough",
        verbose_feature_names_out=False,
    )
    model = make_pipeline(columns, HistGradientBoostingClassifier(random_state=0))
    return model.fit(table.drop(columns=_TARGET), table[_TARGET])


def prepare(instance: Path, table: pd.DataFrame, seconds: int) -> tuple[int, str]:
    """Train one boosting in Beanft; return the model's number and a token."""
    app = create_app(instance=instance)
    with app.app_context():
        migrate_database()
        user = make_user("alice")
        dataset = make_dataset(user, name="sales", csv=table.to_csv(index=False))
        experiment = _train(user.id, dataset.versions[0], seconds)
        model = next(run.model for run in experiment.runs if run.model and run.learner != "baseline")
        _, text = tokens.make_token(
            user_id=user.id, name="benchmark", scopes=["predict"], days=1, password=PASSWORD
        )
        number = model.id
        db.engine.dispose()
        return number, text


def _train(user_id: int, version: Any, seconds: int) -> Experiment:
    experiment = training.create_experiment(
        user_id=user_id,
        version=version,
        target=_TARGET,
        features=[column.name for column in version.profile.columns if column.name != _TARGET],
        task="classification",
        metric="log_loss",
        learners=["baseline", "boosting"],
        budget_s=seconds,
        seed=0,
        choices={},
    )
    run_job(experiment.job)
    if experiment.job.state != "ready":
        raise SystemExit(f"The training failed: {experiment.job.error}")
    return experiment


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def served(command: list[str], port: int, environ: dict[str, str]) -> Iterator[None]:
    """Run a server until the block ends, its children too."""
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            command, env=os.environ | environ, stdout=log, stderr=log, cwd=ROOT, start_new_session=True
        )
        try:
            _await_port(port, server, log)
            yield
        finally:
            with suppress(ProcessLookupError):  # it may have ended by itself
                os.killpg(server.pid, signal.SIGTERM)
            server.wait(30)


def _await_port(port: int, server: subprocess.Popen[bytes], log: Any) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    log.seek(0)
    raise SystemExit(f"{server.args!r} did not start:\n{log.read().decode()[-3000:]}")


class Client:
    """Sends one row after another over one connection; it does little itself, as it shares the machine."""

    def __init__(self, port: int, address: str, headers: dict[str, str], wrap: Callable[[Any], Any]) -> None:
        self.address, self.wrap = address, wrap
        lines = [f"POST {address} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
        self.head = "\r\n".join([*lines, *(f"{name}: {text}" for name, text in headers.items())])
        self.written: dict[int, bytes] = {}
        self.came = b""
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, row: dict[str, Any]) -> bytes:
        """The body of the answer."""
        self.send(row)
        while (body := self.take()) is None:
            pass
        return body

    def send(self, row: dict[str, Any]) -> None:
        """Ask without waiting for the answer."""
        self.connection.sendall(self.written.get(id(row)) or self._write(row))

    def take(self) -> bytes | None:
        """Read once; the body of the answer, or None until all of it is there."""
        more = self.connection.recv(65_536)
        if not more:
            raise SystemExit(f"{self.address} ended the connection")
        self.came += more
        end = self.came.find(b"\r\n\r\n")
        if end < 0:
            return None
        length = int(_LENGTH.search(self.came[: end + 2])[1])
        if len(self.came) < end + 4 + length:
            return None
        if not self.came.startswith(b"HTTP/1.1 200 "):
            raise SystemExit(f"{self.address} answered {self.came[:600]!r}")
        body, self.came = self.came[end + 4 :], b""
        return body

    def _write(self, row: dict[str, Any]) -> bytes:
        body = json.dumps(self.wrap(row)).encode()
        self.written[id(row)] = f"{self.head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        return self.written[id(row)]


def per_second(
    make_client: Callable[[], Client], rows: list[dict[str, Any]], seconds: float, n: int
) -> float:
    """Requests per second of `n` connections at a time.

    One thread serves them all: so many threads would take turns with each other more than they ask.
    """
    turns, counts = itertools.cycle(rows), 0
    with selectors.DefaultSelector() as ready:
        for client in [make_client() for _ in range(n)]:
            ready.register(client.connection, selectors.EVENT_READ, client)
            client.send(next(turns))
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            for key, _ in ready.select(timeout=1):
                if key.data.take() is not None:
                    counts += 1
                    key.data.send(next(turns))
        for key in list(ready.get_map().values()):
            key.data.connection.close()
    return counts / seconds


def milliseconds(ask: Callable[[dict[str, Any]], Any], row: dict[str, Any]) -> float:
    """How long one answer took."""
    start = time.perf_counter()
    ask(row)
    return 1000 * (time.perf_counter() - start)


def show(name: str, times: list[float], bare: float) -> None:
    """Print the quantiles of a side."""
    cuts = statistics.quantiles(times, n=100)
    middle = statistics.median(times)
    print(f"{name:28} {middle:8.2f} {middle - bare:+8.2f} {cuts[89]:8.2f} {cuts[98]:8.2f}")


MLFLOW_SAVE = """
import sys, joblib, mlflow.sklearn
mlflow.sklearn.save_model(joblib.load(sys.argv[1]), sys.argv[2], serialization_format="cloudpickle")
"""


def mlflow_command(venv: Path, pipeline: Pipeline, folder: Path, port: int, processes: int) -> list[str]:
    """Save the pipeline as MLflow does, and say how it is served."""
    joblib.dump(pipeline, folder / "pipeline.joblib")
    python, saved = str(venv / "bin" / "python"), str(folder / "mlflow-model")
    subprocess.run([python, "-c", MLFLOW_SAVE, str(folder / "pipeline.joblib"), saved], check=True)
    options = ["-m", saved, "-p", str(port), "-w", str(processes), "--env-manager", "local"]
    return [python, "-m", "mlflow", "models", "serve", *options]


def mlflow_path(venv: Path) -> dict[str, str]:
    """The search path by which MLflow finds the server that it starts."""
    return {"PATH": f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}"}


def main() -> None:
    """Train, start the servers, let requests take turns, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5000, help="rows to train on")
    parser.add_argument("--requests", type=int, default=500, help="requests of each side")
    parser.add_argument("--seconds", type=float, default=5, help="seconds of each round of throughput")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--processes", type=int, default=2, help="of each server")
    parser.add_argument("--budget", type=int, default=20, help="seconds of the training")
    parser.add_argument("--mlflow", type=Path, help="a virtual environment that holds mlflow")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        measure(options, Path(name))


def measure(options: argparse.Namespace, folder: Path) -> None:
    """Compare the sides and print what came of it."""
    table = pd.DataFrame(rows_of(options.rows))
    asked = [{k: v for k, v in row.items() if k != _TARGET} for row in rows_of(200)]
    frames = [pd.DataFrame([row]) for row in asked]
    pipeline = bare_pipeline(table)
    model, text = prepare(folder / "instance", table, options.budget)
    port, other = free_port(), free_port()
    command = [sys.executable, str(ROOT / "app.py"), "--port", str(port), "--no-worker"]
    environ = {
        "BEANFT_INSTANCE": str(folder / "instance"),
        "BEANFT_API_REQUESTS_PER_MINUTE": "100000000",
        "BEANFT_PROCESSES": str(options.processes),
    }
    makers: dict[str, Callable[[], Client]] = {
        "Beanft over HTTP": lambda: Client(
            port,
            f"/api/v1/models/{model}/predictions",
            {"Authorization": f"Bearer {text}"},
            lambda row: {"rows": [row]},
        )
    }
    with served(command, port, environ):
        if not options.mlflow:
            return compare(options, pipeline, frames, asked, makers)
        makers["MLflow's model server"] = lambda: Client(
            other, "/invocations", {}, lambda row: {"dataframe_records": [row]}
        )
        command = mlflow_command(options.mlflow, pipeline, folder, other, options.processes)
        with served(command, other, mlflow_path(options.mlflow)):
            return compare(options, pipeline, frames, asked, makers)


def compare(
    options: argparse.Namespace,
    pipeline: Pipeline,
    frames: list[pd.DataFrame],
    asked: list[dict[str, Any]],
    makers: dict[str, Callable[[], Client]],
) -> None:
    """Let the sides take turns, then load each alone."""
    clients = {name: make() for name, make in makers.items()}
    times: dict[str, list[float]] = {"bare pipeline.predict": [], **{name: [] for name in clients}}
    for i in range(-20, options.requests):
        k = i % len(asked)
        took = {"bare pipeline.predict": milliseconds(lambda _, k=k: pipeline.predict(frames[k]), {})}
        took |= {name: milliseconds(client.ask, asked[k]) for name, client in clients.items()}
        if i >= 0:
            for name, one in took.items():
                times[name].append(one)
    bare = statistics.median(times["bare pipeline.predict"])
    heads = f"{'median':>8} {'over':>8} {'p90':>8} {'p99':>8}"
    print(f"{'one row':28} {heads}  ms, {options.requests} requests each")
    for name, one in times.items():
        show(name, one, bare)
    print(f"\n{'throughput':28} requests per second, {options.connections} connections")
    rates: dict[str, list[float]] = {name: [] for name in makers}
    for make in makers.values():
        per_second(make, asked, _WARM_S, options.connections)  # every process loads the model once
    for _ in range(_ROUNDS):
        for name, make in makers.items():
            rates[name].append(per_second(make, asked, options.seconds, options.connections))
    for name, found in rates.items():
        print(f"{name:28} {statistics.median(found):8.0f}   from {min(found):.0f} to {max(found):.0f}")
    first, *others = rates.values()
    for other in others:
        ratio = statistics.median(a / b for a, b in zip(first, other, strict=True))
        print(f"{'ratio, median of rounds':28} {ratio:8.1f}")


if __name__ == "__main__":
    main()
