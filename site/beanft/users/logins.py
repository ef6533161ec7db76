"""The bridge between the browser's cookie and our logins: who is there, where to go, how often to try."""

import ipaddress
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from flask import Request, Response, abort, g, redirect, request, session, url_for
from flask_limiter.util import get_remote_address
from flask_login import current_user, login_user, logout_user

from beanft.access import is_api, is_public
from beanft.extensions import login
from beanft.models import User
from beanft.pages import is_fragment, local_address, wants_json
from beanft.users import names, services
from beanft.users.blueprint import bp
from beanft.users.tokens import services as tokens

# Flask-Login's own check believes X-Forwarded-For, which visitors can make up; our tokens need no check.
login.session_protection = None


@login.user_loader  # type: ignore[untyped-decorator]  # Flask-Login publishes no types
def load_user(token: str) -> User | None:
    """Find the user of the token in the cookie; a request that shows a token of the API is judged by that."""
    return None if is_api() and "Authorization" in request.headers else services.user_of_token(token)


@login.request_loader  # type: ignore[untyped-decorator]  # Flask-Login is untyped
def load_program(_request: Request) -> tokens.Program | None:
    """Find in whose name a program asks: tokens open the API and nothing else, not even its public pages."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if not is_api() or is_public(request.endpoint) or scheme.lower() != "bearer":
        return None
    program = tokens.find_program(text.strip())
    if program is None or program.is_expired:
        g.token_problem = "expired" if program else "unknown"
        return None
    g.token_id, g.token_hash, g.token_scopes = program.token_id, program.token_hash, program.scopes
    g.token_use_noted = program.is_use_noted
    return program


@bp.after_app_request
def note_token(response: Response) -> Response:
    """Write down, once a minute, that a token is in use; the answer is made by then."""
    if "token_id" in g and not g.token_use_noted:
        tokens.note_use(token_id=g.token_id)
    return response


@login.unauthorized_handler  # type: ignore[untyped-decorator]  # Flask-Login is untyped
def ask_to_log_in() -> Any:
    """Send a visitor to the login page; answer 401 to programs and to parts of a page."""
    if wants_json() or is_fragment():
        abort(401)
    return redirect(url_for("users.login", next=_this_page()))


def begin(user: User, *, remember: bool) -> None:
    """Log in: nothing of the visitor's session stays, so nothing planted in it does (the CSRF token too)."""
    services.start_session(user=user, remember=remember, address=address())
    session.clear()
    session.permanent = remember
    login_user(user)


def is_remembered() -> bool:
    """Whether this login outlives the browser's window."""
    return bool(session.permanent)


def end() -> None:
    """Log out: the token dies here, and with it every copy of the cookie."""
    services.end_session(token=current_user.login_token, address=address())
    logout_user()
    session.clear()


def next_page() -> str:
    """Where to go after the login: the page in `next` if it is ours, else home."""
    return local_address(request.args.get("next")) or url_for("core.home")


def address() -> str:
    """The address that the request came from, as the audit keeps it."""
    return request.remote_addr or ""


def by_address() -> str:
    """Count tries by address; IPv6 by /64, because one household has as many addresses as it wants."""
    remote = get_remote_address()
    try:
        parsed = ipaddress.ip_address(remote)
    except ValueError:
        return remote
    return remote if parsed.version == 4 else str(ipaddress.ip_network((parsed, 64), strict=False))


def by_account() -> str:
    """Count tries by the name that was typed: whether it exists makes no difference.

    A person's name and address are counted apart: a common count would tell that they belong together. An
    address has many spellings, which count as the one that is looked for.
    """
    typed = request.form.get("login", "")[: names.EMAIL_MAX]
    return f"account {names.login_key(typed)}"


def was_accepted(response: Response) -> bool:
    """Count only what was done: a form with a mistake in it costs nobody an account."""
    return response.status_code == HTTPStatus.FOUND


def by_user() -> str:
    """Count tries by the user who is logged in."""
    return str(current_user.id)


def _this_page() -> str | None:
    """The page to come back to; for a form that was sent, the page it stood on."""
    wanted = request.referrer
    if request.method in ("GET", "HEAD"):
        query = request.query_string.decode("ascii", "replace")
        path = quote(request.script_root + request.path)
        wanted = f"{path}?{query}" if query else path
    here = local_address(wanted)
    return None if here == url_for("core.home") else here
