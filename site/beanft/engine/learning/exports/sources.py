"""Copies the modules that a model needs into a package of its own, from the sources that the site runs."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGE = "beanft_model"
"""Name of the package made."""
_ENGINE = "beanft.engine"
_ROOT = Path(__file__).resolve().parents[2]
_NAMED = re.compile(r"\bbeanft\.engine\b")


def package_of(script: str) -> dict[str, str]:
    """Copy a script and all modules of the engine that it needs.

    Parameters
    ----------
    script : str
        Name of the script's module, such as beanft.engine.learning.exports.scripts.predict_rows.

    Returns
    -------
    dict of str to str
        Text of each file by its path in the package; the script itself under the empty path.

    Examples
    --------
    >>> files = package_of("beanft.engine.learning.exports.scripts.predict_table")
    >>> "beanft_model/learning/search/bag.py" in files, "beanft.engine" in files[""]
    (True, False)
    """
    made = {"": _rewritten(script)}
    for module in modules_of(script) - {script}:
        for part in _with_parents(module):
            made[_place(part)] = _rewritten(part)
    return made


def modules_of(module: str) -> set[str]:
    """Name a module of the engine and all others that are loaded with it.

    Parameters
    ----------
    module : str
        Its name.

    Returns
    -------
    set of str
        What is imported for type checkers only is not among them.
    """
    found, waiting = set[str](), [module]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _imported(ast.parse(_path(name).read_text(encoding="utf-8")))
    return found


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_ENGINE):
            for name in node.names:
                inner = f"{node.module}.{name.name}"
                yield inner if _exists(inner) else str(node.module)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.startswith(_ENGINE))
        else:
            yield from _imported(node)


def _with_parents(module: str) -> list[str]:
    """The module and the packages around it."""
    parts = module.split(".")
    return [".".join(parts[:n]) for n in range(len(_ENGINE.split(".")), len(parts) + 1)]


def _path(module: str) -> Path:
    """Where the source of a module or package is."""
    place = _ROOT.joinpath(*module.removeprefix(_ENGINE).strip(".").split("."))
    return place / "__init__.py" if place.is_dir() else place.with_suffix(".py")


def _exists(module: str) -> bool:
    return _path(module).is_file()


def _place(module: str) -> str:
    return (Path(PACKAGE) / _path(module).relative_to(_ROOT)).as_posix()


def _rewritten(module: str) -> str:
    """The source of a module that imports from the package instead of the engine."""
    return _NAMED.sub(PACKAGE, _path(module).read_text(encoding="utf-8"))
