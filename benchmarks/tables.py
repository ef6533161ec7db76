"""Ingest and questions on large tables, beside pandas, beside the engine's bare COPY, and beside D-Tale.

Run with `make bench ARGS=tables`, or `python benchmarks/tables.py --mb 200 2000 --rows 10000000`. What is
compared runs in one go, each in a process of its own with two threads. Read the ratios, not the seconds; on
a machine with other work those of the processor's seconds, which it disturbs less.
With `--dtale DIR` (a folder with dtale_gen.py and dtale_measure.py) and `--dtale-python` (a Python that has
dtale, requests and pandas) D-Tale does the same work on a tenth of the rows.
"""

import argparse
import json
import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "site"), str(ROOT / "tests")]

import duckdb
import pandas as pd
import psutil
from mixed import HEADER, NATIONAL, TYPES, write_mixed
from pages import free_port, get, log_in, start, wait

from beanft.database import migrate_database
from beanft.engine.tables.connection import quote
from beanft.engine.tables.files import sha256_of
from beanft.engine.tables.read import ingest
from beanft.engine.tables.store import copy_table
from beanft.extensions import db
from beanft.factory import create_app
from beanft.models import Dataset, Version
from beanft.storage import folder, make_folder, new_key
from factories import make_job, make_user

_MEMORY_MB = 1024
_INGEST_MB = 640  # as the site gives to the engine
_THREADS = 2
QUESTIONS: dict[str, str] = {
    "first page": "rows",
    "page at 90 %": "rows?page={deep}",
    "sort by number": "rows?sort=-price",
    "sort by text": "rows?sort=comment",
    "page deep in the order": "rows?sort=price&page={middle}",
    "the page after it": "rows?sort=price&page={middle_next}",
    "last page of the order": "rows?sort=price&page={last}",
    "page deep in an order by category and number": "rows?sort=country&sort=price&page={middle}",
    "the page after that": "rows?sort=country&sort=price&page={middle_next}",
    "page deep in an order of texts": "rows?sort=-customer_ref&page={middle}",
    "filter a number": "rows?" + urlencode({"column": "price", "operator": "more-than", "value": "100"}),
    "filter a text": "rows?" + urlencode({"column": "comment", "operator": "contains", "value": "broken"}),
    "search all columns": "rows?search=broken",
    "profile of a column": "columns/8",
    "histogram": "charts/figure?kind=histogram&x=price",
    "bars: mean by category": "charts/figure?kind=bar&x=country&y=price&aggregation=mean",
}
"""What is asked of the real site; the figures of D-Tale for the same work stand beside them."""
DTALE: dict[str, str] = {
    "first page": "page rows 0-55",
    "page at 90 %": "page deep rows",
    "sort by number": "sort numeric + first page",
    "sort by text": "sort text c1000 + first page",
    "filter a number": "filter f1>v : save + first page",
    "filter a text": "filter c10=cat_k : save + first page",
    "profile of a column": "describe f3",
    "histogram": "histogram f3 (column-analysis)",
    "bars: mean by category": "chart-data bar: mean f1 by c10",
}


def cpu_seconds() -> float:
    """What this process has used of all processors."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def read_with_beanft(source: str, target: str) -> dict[str, Any]:
    """The whole ingest, and when each of its stages began, by the clock and in the processor's seconds."""
    begun, used = time.perf_counter(), cpu_seconds()
    stages: list[tuple[str, float, float]] = []

    class Clock:
        def __call__(self, _share: float, message: str = "") -> None:
            stage = message.partition(":")[0]
            if stage and stage not in [name for name, *_ in stages]:
                stages.append((stage, time.perf_counter() - begun, cpu_seconds() - used))

    result = ingest(
        source=source,
        target=target,
        original_name=Path(source).name,
        memory_mb=_INGEST_MB,
        progress=Clock(),  # type: ignore[arg-type]  # it is called like one
    )
    return {"n_rows": result["profile"]["n_rows"], "stages": stages}


def read_with_pandas(source: str, target: str) -> dict[str, Any]:
    """What a notebook does; it types no dates."""
    frame = pd.read_csv(source)
    frame.to_parquet(target)
    return {"n_rows": len(frame)}


def read_with_bare_copy(source: str, target: str) -> dict[str, Any]:
    """The engine's own typed COPY, told all types beforehand: no profile, no rejects."""
    database = duckdb.connect()
    database.execute(f"SET memory_limit = '{_MEMORY_MB}MB'")
    database.execute(f"SET threads = {_THREADS}")
    types = {
        name: "VARCHAR" if name in NATIONAL else kind
        for name, kind in zip(HEADER.split(","), TYPES, strict=True)
    }
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
    database.execute(
        f"COPY (SELECT * FROM read_csv('{source}', auto_detect=false, header=false, skip=1, "
        f"columns={{{columns}}}, delim=',', quote='\"', escape='\"', strict_mode=true, "
        "max_line_size=4000000, nullstr=['', 'NA', 'null', '?'])) "
        f"TO '{target}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)"
    )
    row = database.execute(f"SELECT count({quote('id')}) FROM read_parquet('{target}')").fetchone()
    return {"n_rows": row[0] if row else 0}


def make_copy(source: str, _target: str) -> dict[str, Any]:
    """The quick copy of a table, which lies beside it."""
    return copy_table(path=source, sha256=sha256_of(source))


READERS = {
    "bare typed COPY": read_with_bare_copy,
    "pandas read_csv + to_parquet": read_with_pandas,
    "Beanft: ready dataset": read_with_beanft,
    "quick copy": make_copy,
}


def in_child(reader: str, source: Path, target: Path) -> dict[str, Any]:
    """Run one reader in a fresh process; its seconds without the imports, and its peak memory."""
    child = subprocess.Popen(
        [sys.executable, __file__, "--child", reader, str(source), str(target)], stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    said = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{reader} ended with {child.returncode}")
    return {**json.loads(said.splitlines()[-1]), "peak_mb": used.ru_maxrss >> 10}


def run_child(reader: str, source: str, target: str) -> None:
    begun, used = time.perf_counter(), cpu_seconds()
    result = READERS[reader](source, target)
    spent = {"seconds": time.perf_counter() - begun, "cpu": cpu_seconds() - used}
    print(json.dumps(result | spent))


def compare_ingests(scratch: Path, megabytes: int, rounds: int) -> None:
    """Every way to read one file, in turn."""
    source = scratch / f"mixed-{megabytes}.csv"
    n_rows = write_mixed(source, mb=megabytes)
    print(f"\n### Ingest of {megabytes:,} MB, {n_rows:,} rows, 22 columns\n")
    names = [name for name in READERS if name != "quick copy"]
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            found[name].append(in_child(name, source, scratch / "out.parquet"))
    bare = {of: _median(found["bare typed COPY"], of) for of in ("seconds", "cpu")}
    print("| | seconds | times the bare COPY | processor seconds | times | peak MB |")
    print("|---|---|---|---|---|---|")
    for name, results in found.items():
        spent = [f"{_median(results, of):.1f} | {_median(results, of) / bare[of]:.2f}" for of in bare]
        print(f"| {name} | {' | '.join(spent)} | {max(one['peak_mb'] for one in results):,} |")
    print("\nStages of Beanft's ingest, by when they began (clock / processor): ", end="")
    stages = found["Beanft: ready dataset"][-1]["stages"]
    print(", ".join(f"{message} {at:.1f} / {used:.1f} s" for message, at, used in stages) + ".")
    source.unlink()


def _median(results: list[dict[str, Any]], of: str) -> float:
    return float(statistics.median(one[of] for one in results))


def prepare(instance: Path, rows: int) -> tuple[int, int]:
    """An instance in which alice has one large dataset with its quick copy; its number, and its rows."""
    app = create_app(instance=instance)
    with app.app_context():
        migrate_database()
        alice = make_user("alice")
        key = new_key()
        original, target = make_folder(key) / "original", folder(key) / "table.parquet"
        write_mixed(original, rows=rows)
        result = ingest(source=str(original), target=str(target), original_name="mixed.csv")
        copied = in_child("quick copy", target, target)
        print(
            f"\nQuick copy: {copied['seconds']:.1f} s, {copied['bytes'] >> 20:,} MB on disk, "
            f"peak {copied['peak_mb']:,} MB; the Parquet file has {result['parquet_bytes'] >> 20:,} MB."
        )
        dataset = Dataset(owner_id=alice.id, name="mixed")
        job = make_job(alice, subject="dataset")
        dataset.versions.append(
            Version(
                number=1,
                job=job,
                key=key,
                original_name="mixed.csv",
                original_bytes=original.stat().st_size,
                original_sha256="0" * 64,
                parquet_sha256=result["parquet_sha256"],
                parquet_bytes=result["parquet_bytes"],
                n_rows=result["profile"]["n_rows"],
                n_columns=len(result["profile"]["columns"]),
                profile_json=result["profile"],
                correlations_json=result.get("correlations"),
            )
        )
        db.session.add(dataset)
        db.session.commit()
        job.subject_id = dataset.id
        db.session.commit()
        number, n_rows = dataset.id, result["profile"]["n_rows"]
        db.engine.dispose()
    return number, n_rows


def ask_site(scratch: Path, rows: int, rounds: int) -> tuple[dict[str, list[float]], dict[str, int]]:
    """Milliseconds of every question at the real site, and the memory of its process."""
    instance = scratch / "instance"
    number, n_rows = prepare(instance, rows)
    cookie, port = log_in(instance), free_port()
    server = start("app.py", "--port", str(port), "--instance", str(instance), "--no-worker")
    try:
        wait(port, "/healthz")
        pages = {"deep": n_rows * 9 // 500, "middle": n_rows // 100, "last": -(-n_rows // 50)}
        pages["middle_next"] = pages["middle"] + 1
        addresses = {name: f"/datasets/{number}/{path.format(**pages)}" for name, path in QUESTIONS.items()}
        ask(port, f"/datasets/{number}/rows", cookie)  # imports, templates, the digest of the file
        time.sleep(12)
        process = psutil.Process(server.pid)
        memory = {"before": process.memory_info().rss >> 20, "peak": 0}
        times: dict[str, list[float]] = {name: [] for name in addresses}
        for _ in range(rounds):
            for name, path in addresses.items():
                times[name].append(ask(port, path, cookie))
                memory["peak"] = max(memory["peak"], process.memory_info().rss >> 20)
        memory["at the end"] = process.memory_info().rss >> 20
        time.sleep(12)  # engines that nobody asks are closed after ten seconds
        memory["idle"] = process.memory_info().rss >> 20
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
    return times, memory


def ask(port: int, path: str, cookie: str) -> float:
    """Milliseconds until the whole answer is here."""
    begun = time.perf_counter()
    status, _, body = get(port, path, cookie)
    elapsed = 1000 * (time.perf_counter() - begun)
    if status != 200:
        raise SystemExit(f"{path} answered {status}: {body[:300]!r}")
    return elapsed


def ask_dtale(scratch: Path, tools: Path, python: str, rows: int, parts: str = "A") -> dict[str, float]:
    """Milliseconds of D-Tale on as many rows, by its own names, and its peak memory; B are its slow parts."""
    home = scratch / "dtale"
    home.mkdir()
    for program, arguments in (
        ("dtale_gen.py", [str(rows)]),
        ("dtale_measure.py", [str(rows), "show"]),
    ):
        subprocess.run(
            [python, str(tools / program), *arguments],
            cwd=home,
            env={**os.environ, "PART": parts},
            stdout=subprocess.DEVNULL,
            check=True,
        )
    result = json.loads((home / f"result_{rows}_show_{parts}.json").read_text())
    measured = {name: one["ms"] for name, one in result.items() if isinstance(one, dict) and "ms" in one}
    return {**measured, "peak MB": result["hwm_all"]}


def report(
    rows: int, times: dict[str, list[float]], memory: dict[str, int], dtale: dict[str, float], tenth: int
) -> None:
    print(
        f"\n### Questions on {rows:,} rows, 22 columns; whole answers of the site as its client sees them\n"
    )
    # The first answer is that to a view nobody has asked for; later ones profit from what was remembered.
    beside = f" D-Tale, {tenth:,} rows: median ms |" if dtale else ""
    print(
        f"| question | first ms | median ms | 95 % ms |{beside}\n|---|---|---|---|{'---|' if dtale else ''}"
    )
    for name, values in times.items():
        median = statistics.median(values)
        late = statistics.quantiles(values, n=20)[-1] if len(values) > 1 else median
        other = dtale.get(DTALE.get(name, ""))
        said = f" {other:.0f} |" if other is not None else " – |" if dtale else ""
        print(f"| {name} | {values[0]:.0f} | {median:.0f} | {late:.0f} |{said}")
    said = ", ".join(f"{when} {mb} MB" for when, mb in memory.items())
    print(f"\nMemory of the web process: {said}.", end="")
    print(f" D-Tale's peak: {dtale['peak MB']:,.0f} MB." if dtale else "")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mb", type=int, nargs="*", default=[200], help="sizes of the ingest, in megabytes")
    parser.add_argument("--rows", type=int, default=10_000_000, help="rows that are asked; 0 for none")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--ingest-rounds", type=int, default=3)
    parser.add_argument("--scratch", type=Path, help="an empty folder with room for ten times the file")
    parser.add_argument("--dtale", type=Path, help="folder of dtale_gen.py and dtale_measure.py")
    parser.add_argument("--dtale-python", default=sys.executable, help="a Python that has dtale")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        run_child(*options.child)
        return
    scratch = Path(tempfile.mkdtemp(dir=options.scratch))
    try:
        print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, {time.strftime('%Y-%m-%d')}")
        for megabytes in options.mb:
            compare_ingests(scratch, megabytes, options.ingest_rounds)
        if options.rows:
            tenth = options.rows // 10
            dtale = ask_dtale(scratch, options.dtale, options.dtale_python, tenth) if options.dtale else {}
            times, memory = ask_site(scratch, options.rows, options.rounds)
            report(options.rows, times, memory, dtale, tenth)
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
