"""create_app(): settings, extensions, blueprints, in reading order."""

import contextlib
import os
import re
import secrets
import tempfile
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Flask, Request, request
from flask.json.provider import DefaultJSONProvider
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug.middleware.proxy_fix import ProxyFix

from beanft import (
    access,
    api,
    assets,
    cli,
    core,
    database,
    error_pages,
    explore,
    filters,
    headers,
    jobs,
    logs,
    predict,
    train,
    uploader,
    users,
)
from beanft.counting import Counting
from beanft.engine.learning import files
from beanft.extensions import csrf, db, limiter, login, migrate
from beanft.settings import Settings, SettingsError, load

_PACKAGE = Path(__file__).parent
_KEY_BYTES = 32
_IPV6 = re.compile(r"(\[[0-9a-f:.]+\])(:[0-9]+)?")
_PRIVATE = 0o077
_BODY_BYTES = 1 << 20  # forms; a view that takes files asks for more


def create_app(settings: Settings | None = None, **choices: Any) -> Flask:
    """Make the site for one installation; `choices` are settings that win over file and environment."""
    settings = settings or load(**choices)
    app = Flask("beanft", instance_path=str(settings.instance), root_path=str(_PACKAGE))
    prepare_instance(settings)
    _configure(app, settings)
    logs.init_app(app, settings)
    files.keep_at_most(settings.model_cache_mb)
    _bind_extensions(app)
    _register_features(app)
    _wrap(app, settings)
    return app


def prepare_instance(settings: Settings) -> None:
    """Make the instance folder, and let this process and those it starts make files for their owner only.

    The umask is the process's, whichever entry made the site: SQLite, DuckDB and joblib choose no modes.
    """
    os.umask(_PRIVATE)
    for folder in (settings.instance, settings.instance / "files"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _configure(app: Flask, settings: Settings) -> None:
    secret = _secret_key(settings.instance)
    app.config.from_mapping(
        BEANFT=settings,
        SECRET_KEY=secret,
        SQLALCHEMY_DATABASE_URI=settings.database,
        SQLALCHEMY_ENGINE_OPTIONS={
            "hide_parameters": True,  # errors are logged; values are what users typed
            "pool_size": settings.threads,  # one beyond is opened for a single question, and closed
        },
        MAX_CONTENT_LENGTH=_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=_BODY_BYTES,
        TRUSTED_HOSTS=list(settings.hosts) or None,
        SESSION_COOKIE_NAME="beanft",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        PERMANENT_SESSION_LIFETIME=settings.remember_days * 86_400,
        WTF_CSRF_TIME_LIMIT=None,  # a form left open over lunch still works; the token dies with the session
        RATELIMIT_STORAGE_URI=f"{Counting.STORAGE_SCHEME[0]}://{quote(str(settings.instance / 'limits'))}",
        RATELIMIT_STORAGE_OPTIONS={"secret": blake2b(b"limits", key=secret[:_KEY_BYTES]).hexdigest()[:64]},
    )
    app.session_interface = _PrefixedCookies()
    app.request_class = _Request
    app.json = _StrictJson(app)


def _secret_key(instance: Path) -> bytes:
    """The key that signs cookies: 256 random bits, made on the first start, readable by the owner only.

    It is written under another name and linked, so that of two first starts one makes it and none reads half.
    """
    path = instance / "secret_key"
    if not path.exists():
        descriptor, part = tempfile.mkstemp(dir=instance)  # mode 600
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
            os.fsync(descriptor)
        with contextlib.suppress(FileExistsError):  # another start was quicker: its key holds
            os.link(part, path)
        Path(part).unlink()
    key = path.read_bytes()
    if len(key) < _KEY_BYTES:
        raise SettingsError(
            f"{path.name} in the instance folder is damaged. Restore it, or delete it: all logins then end."
        )
    return key


class _Request(Request):
    """Lets a list of trusted hosts hold an IPv6 address, of which Werkzeug compares only the bracket."""

    _hosts: list[str] | None = None

    @property
    def trusted_hosts(self) -> list[str] | None:
        """The hosts that may be asked for; None once the one that is asked for is known to be trusted."""
        address = _IPV6.fullmatch(self.environ.get("HTTP_HOST", ""))
        return None if address and address[1] in (self._hosts or ()) else self._hosts

    @trusted_hosts.setter
    def trusted_hosts(self, hosts: list[str] | None) -> None:
        self._hosts = hosts


class _StrictJson(DefaultJSONProvider):
    """Answers no NaN or Infinity, which JSON does not know: better no answer than one nobody can read."""

    def dumps(self, obj: Any, **options: Any) -> str:
        """Write JSON; ValueError where a number is not finite."""
        return super().dumps(obj, allow_nan=False, **options)


class _PrefixedCookies(SecureCookieSessionInterface):
    """Keeps the cookie below the address prefix that a proxy serves the site under."""

    def get_cookie_path(self, _app: Flask) -> str:
        return f"{request.script_root}/"

    def open_session(self, app: Flask, asked: Request) -> SecureCookieSession | None:
        """Read the cookie; programs send none, and need no keys made ready to read it."""
        if self.get_cookie_name(app) not in asked.cookies:
            return self.session_class()
        return super().open_session(app, asked)


def _bind_extensions(app: Flask) -> None:
    db.init_app(app)
    migrate.init_app(app, db, directory=str(_PACKAGE.parents[1] / "migrations"))
    database.init_app(app)
    login.init_app(app)
    headers.init_app(app)
    access.init_app(app)  # before CSRF: a stranger's upload is refused before its body is read
    csrf.init_app(app)
    limiter.init_app(app)
    filters.init_app(app)
    jobs.init_app(app)
    cli.init_app(app)


def _register_features(app: Flask) -> None:
    for feature in (core, users, uploader, explore, train, predict):
        app.register_blueprint(feature.bp)
    api.init_app(app)
    error_pages.init_app(app)


def _wrap(app: Flask, settings: Settings) -> None:
    """Serve static files, and believe only the proxies that were announced."""
    assets.init_app(app, headers.SECURITY_HEADERS)
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_prefix=hops)  # type: ignore[method-assign]  # as documented
