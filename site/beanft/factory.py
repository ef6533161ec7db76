"""create_app(): settings, extensions, blueprints, in reading order."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path
from typing import Any

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from beanft import (
    access,
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
from beanft.extensions import csrf, db, limiter, login, migrate
from beanft.settings import Settings, SettingsError, load

_PACKAGE = Path(__file__).parent
_KEY_BYTES = 32
_BODY_BYTES = 1 << 20  # forms; a view that takes files asks for more
_YEAR_S = 31_536_000


def create_app(settings: Settings | None = None, **choices: Any) -> Flask:
    """Make the site for one installation; `choices` are settings that win over file and environment."""
    settings = settings or load(**choices)
    app = Flask("beanft", instance_path=str(settings.instance), root_path=str(_PACKAGE))
    prepare_instance(settings)
    _configure(app, settings)
    logs.init_app(app, settings)
    _bind_extensions(app)
    _register_features(app)
    _wrap(app, settings)
    return app


def prepare_instance(settings: Settings) -> None:
    """Make the instance folder, readable by its owner only."""
    for folder in (settings.instance, settings.instance / "files"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _configure(app: Flask, settings: Settings) -> None:
    app.config.from_mapping(
        BEANFT=settings,
        SECRET_KEY=_secret_key(settings.instance),
        SQLALCHEMY_DATABASE_URI=settings.database,
        MAX_CONTENT_LENGTH=_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=_BODY_BYTES,
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
        SESSION_COOKIE_NAME="beanft",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        PERMANENT_SESSION_LIFETIME=settings.remember_days * 86_400,
        WTF_CSRF_TIME_LIMIT=None,  # a form left open over lunch still works; the token dies with the session
        RATELIMIT_STORAGE_URI="memory://",
        RATELIMIT_HEADERS_ENABLED=True,
    )
    app.session_interface = _PrefixedCookies()


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


class _PrefixedCookies(SecureCookieSessionInterface):
    """Keeps the cookie below the address prefix that a proxy serves the site under."""

    def get_cookie_path(self, _app: Flask) -> str:
        return f"{request.script_root}/"


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
    error_pages.init_app(app)


def _wrap(app: Flask, settings: Settings) -> None:
    """Serve static files with long caching, and believe only the proxies that were announced."""
    static = WhiteNoise(
        app.wsgi_app,
        root=str(_PACKAGE / "static"),
        prefix="static/",
        max_age=_YEAR_S,
        allow_all_origins=False,
        add_headers_function=_static_headers,
    )
    app.wsgi_app = static  # type: ignore[method-assign]  # Flask's documented way to add middleware
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_prefix=hops)  # type: ignore[method-assign]


def _static_headers(response_headers: Any, _path: str, _url: str) -> None:
    response_headers["X-Content-Type-Options"] = "nosniff"
    response_headers["Cross-Origin-Resource-Policy"] = "same-origin"
