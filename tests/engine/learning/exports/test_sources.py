"""The copied package: from the sources of the site, and nothing that needs the site."""

from __future__ import annotations

import ast

import pytest

from beanft.engine.learning.exports.sources import modules_of, package_of

SCRIPTS = "beanft.engine.learning.exports.scripts"


@pytest.mark.parametrize("script", ["predict_table", "fit_again"])
def test_a_package_needs_nothing_of_the_site(script: str):
    files = package_of(f"{SCRIPTS}.{script}")
    imported = {
        (name or "").split(".")[0]
        for text in files.values()
        for node in ast.walk(ast.parse(text))
        for name in (
            [node.module]
            if isinstance(node, ast.ImportFrom)
            else [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    }
    assert "beanft" not in imported
    assert not imported & {"duckdb", "pyarrow", "flask", "sqlalchemy", "psutil", "onnx", "multiprocessing"}
    assert all("beanft.engine" not in line for text in files.values() for line in text.splitlines())


@pytest.mark.parametrize("script", ["predict_table", "fit_again"])
def test_every_module_has_its_packages(script: str):
    files = package_of(f"{SCRIPTS}.{script}")
    places = [path for path in files if path]
    for path in places:
        folders = path.split("/")[:-1]
        assert all("/".join([*folders[:n], "__init__.py"]) in files for n in range(1, len(folders) + 1)), path


def test_what_only_type_checkers_import_is_left_out():
    assert "beanft.engine.learning.search.crew" not in modules_of("beanft.engine.learning.search.material")
