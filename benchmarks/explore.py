"""Every kind of chart on tables of growing size: server time, bytes sent, and time until it is painted.

Run with `make bench ARGS=explore`, or `python benchmarks/explore.py --rows 100000 1000000 10000000`. Each
figure is asked of the real site with a title of its own, so that nothing drawn before can answer it. Beside
it stand the processor's time of the web process, which other work on the machine disturbs less, and the
engine's bare aggregate on the same table in the same run: read the ratios.
With `--dtale DIR` (a folder with dtale_gen.py and dtale_measure.py) and `--dtale-python` (a Python that has
dtale, requests and pandas) D-Tale draws the same charts of a million rows.
"""

import argparse
import os
import shutil
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "site"), str(ROOT / "tests")]

import duckdb
import psutil
from pages import free_port, get, log_in, start, wait
from playwright.sync_api import Browser, sync_playwright
from tables import ask_dtale, prepare

from beanft.engine.charts.catalogue import KINDS

CHARTS: dict[str, dict[str, str | list[str]]] = {
    "histogram": {"x": "price"},
    "density": {"x": "price", "colour": "segment"},
    "bar": {"x": "country", "y": "price", "aggregation": "mean"},
    "line": {"x": "created_at", "y": "price", "aggregation": "mean"},
    "area": {"x": "created_at", "colour": "segment"},
    "scatter": {"x": "weight_kg", "y": "price"},
    "bubble": {"x": "weight_kg", "y": "price", "z": "views"},
    "box": {"x": "segment", "y": "price"},
    "violin": {"x": "segment", "y": "price"},
    "heatmap": {"x": "country", "y": "segment", "z": "price", "aggregation": "mean"},
    "correlations": {"columns": ["price", "qty", "score", "temperature", "weight_kg", "views"]},
    "pairs": {"columns": ["price", "score", "temperature", "weight_kg"]},
    "pareto": {"x": "country"},
    "quantiles": {"x": "temperature"},
    "missing": {},
    "map": {"x": "temperature", "y": "score"},
}
"""One chart of each kind, on columns of the table that benchmarks/mixed.py writes."""

AGGREGATED = ("histogram", "bar", "line", "area", "box", "heatmap", "pareto", "missing")
"""Kinds that the goal of 150 ms at 10 million rows is about."""

BARE: dict[str, str] = {
    "histogram": "SELECT floor(price / 25) AS bin, count(*) FROM t GROUP BY bin",
    "bar": "SELECT country, count(*), avg(price), stddev(price) FROM t GROUP BY country",
    "line": "SELECT date_trunc('month', created_at), count(*), avg(price), stddev(price) FROM t GROUP BY 1",
    "area": "SELECT date_trunc('month', created_at) AS m, segment, count(*) FROM t GROUP BY m, segment",
    "box": "SELECT segment, quantile_cont(price, [0.25, 0.5, 0.75]) FROM t GROUP BY segment",
    "heatmap": "SELECT country, segment, count(*), avg(price), stddev(price) FROM t GROUP BY ALL",
    "pareto": "SELECT country, count(*) FROM t GROUP BY country",
}
"""What the engine needs at least for the numbers of a kind."""

DTALE: dict[str, str] = {
    "histogram": "histogram f3 (column-analysis)",
    "bar": "dash bar: mean f1 by c10",
    "scatter": "dash scatter f1 x f2 (raw)",
}
"""D-Tale's own names of the same work, where its measuring program has one."""

PAINTED = """
new MutationObserver((_, observer) => {
  const chart = document.querySelector(".chart[data-figure]");
  if (!chart?.querySelector("canvas") || chart.hasAttribute("aria-busy")) return;
  observer.disconnect();
  requestAnimationFrame(() => {
    const after = new MessageChannel();
    after.port1.onmessage = () => { window.painted = performance.now(); };
    after.port2.postMessage(0);
  });
}).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["aria-busy"] });
"""
"""Notes in a page when the first frame with the whole picture was painted."""

Figures = dict[str, dict[str, float]]


def address(number: int, kind: str, title: str, page: str = "/figure") -> str:
    """The address of a chart that nobody has asked for."""
    parts = {"kind": kind, **CHARTS[kind], "title": title}
    return f"/datasets/{number}/charts{page}?{urlencode(parts, doseq=True)}"


def measure_server(port: int, pid: int, number: int, cookie: str, rounds: int) -> Figures:
    """Milliseconds of the server, those of its processor, and bytes of the figure, for each kind."""
    found: Figures = {}
    process = psutil.Process(pid)
    for kind in KINDS:
        times, worked, size = [], [], 0
        for n in range(rounds + 1):  # the first one opens the table and is not counted
            begun, before = time.perf_counter(), worked_ms(process)
            status, _, body = get(port, address(number, kind, f"round {n}"), cookie)
            times.append(1000 * (time.perf_counter() - begun))
            worked.append(worked_ms(process) - before)
            size = len(body)
            if status != 200:
                raise SystemExit(f"{kind} answered {status}: {body[:300]!r}")
        found[kind] = {
            "ms": statistics.median(times[1:]),
            "cpu": statistics.mean(worked[1:]),  # counted in hundredths of a second
            "first": times[0],
            "bytes": size,
        }
    return found


def worked_ms(process: psutil.Process) -> float:
    """What a server and its children have used of all processors."""
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return 1000 * sum(one.user + one.system for one in times)


def measure_paint(browser: Browser, port: int, number: int, cookie: str, rounds: int) -> dict[str, float]:
    """Milliseconds from asking for the page of a chart to its picture, in Chromium; the median of some."""
    context = browser.new_context()
    name, _, value = cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{port}"}])
    page = context.new_page()
    page.add_init_script(PAINTED)
    found: dict[str, list[float]] = {}
    for kind in ("histogram", *KINDS):  # the first one fills the browser's cache of scripts
        found[kind] = []
        for n in range(rounds):
            at = address(number, kind, f"painted {n} of {kind} {time.time()}", "")
            page.goto(f"http://127.0.0.1:{port}{at}", wait_until="commit")
            page.wait_for_function("() => window.painted")
            found[kind].append(page.evaluate("() => window.painted"))
    context.close()
    return {kind: statistics.median(times) for kind, times in found.items()}


def measure_bare(path: Path) -> dict[str, float]:
    """Milliseconds of the engine alone, from the same Parquet file with the same memory and threads."""
    database = duckdb.connect()
    database.execute("SET memory_limit = '512MB'")
    database.execute("SET threads = 2")
    database.execute(f"CREATE VIEW t AS SELECT * FROM read_parquet('{path}')")
    found = {}
    for kind, statement in BARE.items():
        times = []
        for _ in range(4):
            begun = time.perf_counter()
            database.execute(statement).fetchall()
            times.append(1000 * (time.perf_counter() - begun))
        found[kind] = min(times[1:])
    return found


def measure(scratch: Path, rows: int, rounds: int) -> None:
    """All kinds on one table."""
    instance = scratch / f"instance-{rows}"
    number, n_rows = prepare(instance, rows)
    cookie, port = log_in(instance), free_port()
    server = start("app.py", "--port", str(port), "--instance", str(instance), "--no-worker")
    try:
        wait(port, "/healthz")
        server_side = measure_server(port, server.pid, number, cookie, rounds)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            painted = measure_paint(browser, port, number, cookie, rounds)
            browser.close()
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
    bare = measure_bare(next(instance.rglob("table.parquet")))
    report(n_rows, server_side, painted, bare)
    shutil.rmtree(instance)


def report(n_rows: int, server: Figures, painted: dict[str, float], bare: dict[str, float]) -> None:
    print(f"\n### Charts of {n_rows:,} rows (* aggregated)\n")
    heads = ("kind", "server ms", "processor ms", "first ms", "bare ms", "times bare", "kB", "painted ms")
    print(f"| {' | '.join(heads)} |\n{'|---' * len(heads)}|")
    for kind, one in server.items():
        least = bare.get(kind)
        name = f"{kind} *" if kind in AGGREGATED else kind
        beside = f"{least:.0f} | {one['ms'] / least:.1f}" if least else "– | –"
        sent = f"{one['bytes'] / 1000:.0f} | {painted[kind]:.0f}"
        spent = f"{one['ms']:.0f} | {one['cpu']:.0f} | {one['first']:.0f}"
        print(f"| {name} | {spent} | {beside} | {sent} |")


def report_dtale(measured: dict[str, float]) -> None:
    print("\n### D-Tale, 1,000,000 rows\n\n| kind | ms |\n|---|---|")
    for kind, name in DTALE.items():
        if name in measured:
            print(f"| {kind} | {measured[name]:.0f} |")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="*", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scratch", type=Path, help="an empty folder with room for the tables")
    parser.add_argument("--dtale", type=Path, help="folder of dtale_gen.py and dtale_measure.py")
    parser.add_argument("--dtale-python", default=sys.executable, help="a Python that has dtale")
    options = parser.parse_args()
    scratch = Path(tempfile.mkdtemp(dir=options.scratch))
    try:
        print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, {time.strftime('%Y-%m-%d')}")
        for rows in options.rows:
            measure(scratch, rows, options.rounds)
        if options.dtale:
            report_dtale(ask_dtale(scratch, options.dtale, options.dtale_python, 1_000_000, "AB"))
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
