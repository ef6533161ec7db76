"""The rules of the house, as tests."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType

import pytest
from jinja2 import Environment, nodes
from numpydoc.validate import validate

import beanft.engine
from beanft.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "site" / "beanft"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "static" not in path.parts)


def test_importing_beanft_loads_no_web_no_data_library() -> None:
    heavy = ("flask", "pandas", "sqlalchemy", "sklearn")
    program = f"import beanft, sys; print([name for name in {heavy} if name in sys.modules])"
    answer = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(ROOT / "site")},
        capture_output=True,
        text=True,
    )
    assert answer.stdout.strip() == "[]", answer.stderr


def test_import_contracts_hold() -> None:
    answer = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "site"), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr


def _is_services(path: Path) -> bool:
    """Whether it is the services of a feature, or one module of several that are."""
    return "services" in (path.stem, path.parent.name)


def test_only_services_commit() -> None:
    callers = [
        str(path.relative_to(PACKAGE))
        for path in MODULES
        if not _is_services(path) and re.search(r"session\.commit\(", path.read_text())
    ]
    assert callers == []


def test_every_service_is_under_the_contract_that_forbids_the_web() -> None:
    """Modules called services or tasks are under it by a wildcard; these are named in it one by one."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (named,) = (one["source_modules"] for one in contracts if one["name"].startswith("Services"))
    modules = (".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in MODULES)
    assert {name for name in modules if name.endswith(("_services", "_tasks"))} <= set(named)


def test_services_and_tasks_read_no_request() -> None:
    for path in MODULES:
        if _is_services(path) or path.stem.endswith(("_services", "tasks")):
            used = re.search(r"\b(current_app|current_user|request|session)\.", _code(path.read_text()))
            assert not used, path


def test_no_text_is_run_or_drawn_as_it_came() -> None:
    for path in MODULES:
        text = path.read_text()
        assert not re.search(
            r"render_template_string|\|\s*safe\b|\bshell=True|os\.system|\beval\(|\bexec\(", text
        ), path


def _code(text: str) -> str:
    """The program without its strings and comments, and without the database session."""
    return ast.unparse(_StripStrings().visit(ast.parse(text))).replace("db.session", "db")


class _StripStrings(ast.NodeTransformer):
    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant(value=0) if isinstance(node.value, str) else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.Constant:
        return ast.Constant(value=0)


def test_duckdb_is_connected_in_one_place() -> None:
    callers = [path.name for path in MODULES if "duckdb.connect(" in path.read_text()]
    assert callers == ["connection.py"]


def test_models_are_unpickled_in_one_place_only() -> None:
    callers = [path.name for path in MODULES if re.search(r"\b(joblib|pickle)\.load", path.read_text())]
    # crew.py reads what a process that it forked itself has just written; no model file passes through it.
    assert sorted(callers) == ["crew.py", "files.py"]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_module_says_what_it_is(path: Path) -> None:
    text = ast.get_docstring(ast.parse(path.read_text()))
    assert text, "a module starts with one sentence"
    assert text.split("\n")[0].endswith((".", ":")), text


def test_every_template_is_used() -> None:
    templates = PACKAGE / "templates"
    sources = "\n".join(path.read_text() for path in [*MODULES, *templates.rglob("*.html")])
    # Help pages and error pages are named by their topic and their code.
    by_name = re.compile(r"^(core/help/[a-z]+|error_pages/\d{3})\.html$")
    unused = [
        name
        for name in (str(path.relative_to(templates)) for path in templates.rglob("*.html"))
        if f'"{name}"' not in sources and not by_name.match(name)
    ]
    assert unused == []


def test_every_template_imports_the_macros_that_it_calls_and_no_others() -> None:
    folder = PACKAGE / "templates"
    trees = {path: Environment().parse(path.read_text()) for path in folder.rglob("*.html")}
    macros = {macro.name for tree in trees.values() for macro in tree.find_all(nodes.Macro)}
    for path, tree in trees.items():
        imports = [name for one in tree.find_all(nodes.FromImport) for name in one.names]
        imported = {name if isinstance(name, str) else name[1] for name in imports}
        names = list(tree.find_all(nodes.Name))
        own = {macro.name for macro in tree.find_all(nodes.Macro)}
        own |= {name.name for name in names if name.ctx != "load"}
        calls = [call.node for call in tree.find_all(nodes.Call)]
        called = {node.name for node in calls if isinstance(node, nodes.Name)}
        assert (called & macros) - own - imported == set(), path
        assert imported - {name.name for name in names if name.ctx == "load"} == set(), path


def test_templates_change_nothing() -> None:
    """What a page shows is put together by its view: no list is filled while the page is drawn."""
    for path in (PACKAGE / "templates").rglob("*.html"):
        assert not re.search(r"\.(append|extend|insert|pop)\(", path.read_text()), path


def test_templates_hold_no_inline_script_or_style() -> None:
    for path in (PACKAGE / "templates").rglob("*.html"):
        text = path.read_text()
        assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|<style", text), path
        assert "|safe" not in text, path


def test_every_asset_is_ours_or_vendored() -> None:
    for path in [*(PACKAGE / "templates").rglob("*.html"), *(PACKAGE / "static" / "css").glob("*.css")]:
        assert not re.search(r"""(src|href|url\()=?["'(]*https?://""", path.read_text()), path


def test_every_browser_test_registers_a_name_of_its_own() -> None:
    """Two of one name fail by chance: when one process does both, on the site it keeps."""
    sources = [path.read_text() for path in (ROOT / "tests" / "browser").glob("test_*.py")]
    names = [name for text in sources for name in re.findall(r'\bregister\(\w+, "(\w+)"\)', text)]
    assert len(names) > 10
    assert sorted(names) == sorted(set(names))


def test_every_flashed_message_has_a_style() -> None:
    css = (PACKAGE / "static" / "css" / "beanft.css").read_text()
    styled = {"ok", *re.findall(r"^\.flash-([a-z]+) ", css, re.MULTILINE)}  # “ok” is the plain one
    flashed = {
        call.args[1].value
        for path in MODULES
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "flash"
        if isinstance(call.args[1], ast.Constant)
    }
    assert flashed <= styled


def test_every_setting_is_documented() -> None:
    guide = (ROOT / "docs" / "administrator.md").read_text()
    source = inspect.getsource(Settings)
    for name in Settings.__dataclass_fields__:
        assert re.search(rf"    {name}: [^\n]+\n    \"\"\"\S", source), f"{name} has no line of meaning"
        assert f"BEANFT_{name.upper()}" in guide, f"docs/administrator.md does not explain {name}"


def test_the_documented_default_of_every_setting_is_the_real_one() -> None:
    guide = (ROOT / "docs" / "administrator.md").read_text()
    rows = re.findall(r"^\| `BEANFT_([A-Z_]+)` \| ([^|]+) \|", guide, re.MULTILINE)
    documented = {name.lower(): default.strip() for name, default in rows}
    real = {
        field.name: f"`{field.default}`" if field.default not in ("", ()) else "none"
        for field in dataclasses.fields(Settings)
    }
    assert documented == real | {"instance": "`instance/` beside `app.py`"}  # depends on the place


def _engine_modules() -> Iterator[ModuleType]:
    for info in pkgutil.walk_packages(beanft.engine.__path__, "beanft.engine."):
        yield importlib.import_module(info.name)


def _public_functions() -> list[tuple[str, FunctionType]]:
    return [
        (f"{module.__name__}.{name}", function)
        for module in _engine_modules()
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if not name.startswith("_") and function.__module__ == module.__name__
    ]


# What numpydoc may not find missing: summary, parameters that match the signature, types, returns.
_NUMPYDOC = {"GL03", "GL08", "SS01", "PR01", "PR02", "PR03", "PR10", "RT01"}


@pytest.mark.parametrize(
    ("name", "function"), _public_functions(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_engine_functions_have_docstrings_that_numpydoc_accepts(name: str, function: FunctionType) -> None:
    faults = [(code, text) for code, text in validate(name)["errors"] if code in _NUMPYDOC]
    assert faults == []
