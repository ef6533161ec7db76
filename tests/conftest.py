"""The cast and the stage: alice owns, bob is known to her, charlie is a stranger, a visitor is nobody."""

from __future__ import annotations

import gc
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from beanft.database import migrate_database
from beanft.extensions import db, limiter
from beanft.factory import create_app
from beanft.models import User
from beanft.users import passwords
from factories import PASSWORD, make_user

# At 0.2 s each, hashes of full cost would be most of the time of the tests.
passwords.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_LONG = ("slow", "browser", "servers")  # marks of the files that take minutes


@pytest.hookimpl(optionalhook=True)  # one file may well be run without xdist
def pytest_xdist_auto_num_workers() -> int:
    """One worker more than processors: a test that waits for a browser or for a job uses none."""
    wished = os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS")
    return int(wished) if wished else (os.cpu_count() or 1) + 1


@pytest.hookimpl(trylast=True)  # after the conftest that marks the tests with a browser
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the files that take minutes, then those of many tests: the last ones are soon done.

    The workers of xdist take one file after the other in this order.
    """
    if not hasattr(config, "workerinput"):
        return
    n_tests = Counter(item.path for item in items)
    long = {item.path for item in items if any(item.get_closest_marker(name) for name in _LONG)}
    items.sort(key=lambda item: (item.path not in long, -n_tests[item.path], item.path))


def pytest_collection_finish() -> None:
    """Leave what was collected out of garbage collections: a forked fit would copy all that they touch."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    gc.unfreeze()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes by their argument: an archive holds the second it was made in, and workers must agree."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def _empty_instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance whose database has been migrated once; each test copies the file."""
    folder = tmp_path_factory.mktemp("instance")
    app = create_app(instance=folder)
    with app.app_context():
        migrate_database()
        db.engine.dispose()
    return folder


@pytest.fixture(scope="session")
def _stage(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The one app of most tests: to make it takes longer than most of them."""
    return _make_app(tmp_path_factory.mktemp("stage"))


@pytest.fixture
def app(_stage: Flask, _empty_instance: Path) -> Iterator[Flask]:
    """The app with an empty database, no files, and its settings as they were."""
    config = dict(_stage.config)
    _empty(_stage, _empty_instance)
    yield _stage
    with _stage.app_context():
        db.engine.dispose()
    _stage.config.clear()
    _stage.config.update(config)


@pytest.fixture
def new_app(tmp_path: Path, _empty_instance: Path) -> Iterator[Flask]:
    """An app of its own, for tests that add pages to it or look at all it leaves behind."""
    instance = tmp_path / "instance"
    instance.mkdir()
    (instance / "beanft.sqlite3").write_bytes((_empty_instance / "beanft.sqlite3").read_bytes())
    app = _make_app(instance)
    yield app
    with app.app_context():
        db.engine.dispose()


def _make_app(instance: Path) -> Flask:
    # No context stays open: Flask would share `g`, and so the logged-in user, between the clients of a test.
    limiter.enabled = True  # an app made while it is off lacks the limiter's hooks for good
    app = create_app(instance=instance)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    limiter.enabled = False
    return app


def _empty(app: Flask, empty_instance: Path) -> None:
    """Take away what the test before left."""
    instance = Path(app.instance_path)
    for path in instance.iterdir():
        if path.is_dir() and path.name != "logs":  # its file is open
            shutil.rmtree(path)
        elif path.name not in ("logs", "secret_key"):
            path.unlink()
    (instance / "files").mkdir(mode=0o700)
    shutil.copyfile(empty_instance / "beanft.sqlite3", instance / "beanft.sqlite3")
    limiter.enabled = False
    with app.app_context():
        limiter.reset()


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    """For tests of services, which need a database but no request."""
    with app.app_context():
        yield


def _member(app: Flask, username: str) -> User:
    with app.app_context():
        user = make_user(username)
        db.session.refresh(user)
        db.session.expunge(user)
        return user


@pytest.fixture
def alice(app: Flask) -> User:
    return _member(app, "alice")


@pytest.fixture
def bob(app: Flask) -> User:
    return _member(app, "bob")


@pytest.fixture
def charlie(app: Flask) -> User:
    return _member(app, "charlie")


def log_in(app: Flask, username: str) -> FlaskClient:
    client = app.test_client()
    answer = client.post("/login", data={"login": username, "password": PASSWORD})
    assert answer.status_code == 302, answer.text
    return client


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def as_alice(app: Flask, alice: User) -> FlaskClient:
    return log_in(app, "alice")


@pytest.fixture
def as_charlie(app: Flask, charlie: User) -> FlaskClient:
    return log_in(app, "charlie")
