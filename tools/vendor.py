"""Fetch the front-end libraries of manifest.json again through npm, and check every file against its hash.

`make assets` runs it. The result is committed, so that a running site fetches nothing from outside. With
`--update` the hashes of the manifest are written anew, after a version in it was raised by hand.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[1] / "site" / "beanft" / "static" / "vendor"
MANIFEST = VENDOR / "manifest.json"


def main() -> int:
    """Install the packages into a temporary folder, copy the named files, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--update", action="store_true", help="write the hashes of the manifest anew")
    update = parser.parse_args().update
    libraries = json.loads(MANIFEST.read_text())
    with tempfile.TemporaryDirectory() as folder:
        specs = [library["npm"] for library in libraries]
        subprocess.run(
            ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", *specs], cwd=folder, check=True
        )
        wrong = [fault for library in libraries for fault in copy(library, Path(folder), update)]
    if update:
        MANIFEST.write_text(json.dumps(libraries, indent=2) + "\n")
    print("\n".join(wrong) or "All vendored files are as the manifest says.")
    return 1 if wrong else 0


def copy(library: dict, folder: Path, update: bool) -> list[str]:
    """Copy one library's files; return those whose hash is not the manifest's."""
    package = library["npm"].rpartition("@")[0]
    target = VENDOR / library["folder"]
    target.mkdir(exist_ok=True)
    wrong = []
    for name, expected in library["files"].items():
        source = folder / "node_modules" / package / name
        # Source maps are not vendored, so the lines that point to them go.
        lines = [line for line in source.read_bytes().split(b"\n") if b"sourceMappingURL=" not in line]
        content = b"\n".join(lines)
        found = hashlib.sha256(content).hexdigest()
        if update:
            library["files"][name] = found
        elif found != expected:
            wrong.append(f"{package}/{name} is not the file of the manifest")
            continue
        (target / source.name).write_bytes(content)
    shutil.copy(folder / "node_modules" / package / "LICENSE", target / "LICENSE")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
