"""Registration, login, the account page and the profile with its picture."""

from collections.abc import Callable
from typing import Any, cast

from flask import Response, abort, flash, redirect, request, send_file, url_for
from flask_login import current_user
from flask_wtf import FlaskForm

from beanft.access import accepts_body, public
from beanft.extensions import limiter, settings
from beanft.models import User
from beanft.pages import page
from beanft.users import logins, names, services
from beanft.users.account_page import account_page
from beanft.users.blueprint import bp
from beanft.users.forms import (
    EmailForm,
    LoginForm,
    NameForm,
    PasswordForm,
    PictureForm,
    RegisterForm,
    complain,
)

_PICTURE_BYTES = 5 << 20
_PICTURE_HEADERS = {
    # A picture that a user sent is never a page of ours, whatever it pretends to be.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-cache",
}


@bp.route("/register", methods=["GET", "POST"])
@public
@limiter.limit("20 per minute", methods=["POST"], key_func=logins.by_address)
@limiter.limit(
    lambda: f"{settings.registrations_per_hour} per hour",
    methods=["POST"],
    key_func=logins.by_address,
    deduct_when=logins.was_accepted,
)
def register() -> Any:
    """Make an account and log in."""
    if current_user.is_authenticated:
        return redirect(url_for("core.home"))
    if not settings.registration:
        return page("users/closed.html", {"registration": False}, 403)
    form = RegisterForm()
    user = _try(
        form,
        lambda: services.register(
            username=form.username.data,
            email=form.email.data,
            password=form.password.data,
            address=logins.address(),
        ),
    )
    if user is None:
        return _form_page("users/register.html", form)
    logins.begin(user, remember=False)
    flash(f"Welcome, {user.username}. Your account is ready: everything in it is private.", "ok")
    return redirect(logins.next_page())


@bp.route("/login", methods=["GET", "POST"])
@public
@limiter.limit("10 per minute", methods=["POST"], key_func=logins.by_address)
@limiter.limit("10 per minute", methods=["POST"], key_func=logins.by_account)
def login() -> Any:
    """Log in by user name or e-mail address."""
    if current_user.is_authenticated:
        return redirect(url_for("core.home"))
    form = LoginForm()
    if form.validate_on_submit():
        user = services.authenticate(
            login=form.login.data, password=form.password.data, address=logins.address()
        )
        if user is not None:
            logins.begin(user, remember=form.remember.data)
            return redirect(logins.next_page())
        complain(form, {"password": "The name or the password is wrong. Check both, and try again."})
    return _form_page("users/login.html", form)


@bp.post("/logout")
def logout() -> Any:
    """End this login."""
    logins.end()
    flash("You are logged out.", "ok")
    return redirect(url_for("core.home"))


@bp.get("/account")
def account() -> Response:
    """Everything about the account that can be changed."""
    return account_page()


@bp.get("/account/<any(name, email, password, picture, tokens):_part>")
def account_part(_part: str) -> Any:
    """Where a form was sent to and was refused: reloading that address shows the account page."""
    return redirect(url_for("users.account"))


@bp.post("/account/name")
def change_name() -> Any:
    """Change the user name."""
    form = NameForm()
    user = _try(
        form,
        lambda: services.change_profile(
            user_id=current_user.id, username=form.username.data, address=logins.address()
        ),
    )
    return _changed(f"You are now called {user.username}.") if user else account_page(form)


@bp.post("/account/email")
@limiter.limit("10 per minute", key_func=logins.by_user)
def change_email() -> Any:
    """Change the e-mail address."""
    form = EmailForm()
    user = _try(
        form,
        lambda: services.change_email(
            user_id=current_user.id,
            email=form.email.data,
            password=form.password.data,
            address=logins.address(),
        ),
    )
    return _changed(f"Your e-mail address is now {user.email}.") if user else account_page(form)


@bp.post("/account/password")
@limiter.limit("10 per minute", key_func=logins.by_user)
def change_password() -> Any:
    """Change the password, end all logins and begin a new one here."""
    form = PasswordForm()
    user = _try(
        form,
        lambda: services.change_password(
            user_id=current_user.id, old=form.old.data, new=form.new.data, address=logins.address()
        ),
    )
    if user is None:
        return account_page(form)
    logins.begin(user, remember=logins.is_remembered())
    return _changed("Your password is changed. All other devices are logged out.")


@bp.post("/account/logout-elsewhere")
def logout_elsewhere() -> Any:
    """End the logins on all other devices."""
    services.end_all_sessions(
        user_id=current_user.id, but_token=current_user.login_token, address=logins.address()
    )
    return _changed("All other devices are logged out.")


@bp.post("/account/picture")
@accepts_body(_PICTURE_BYTES)
def change_picture() -> Any:
    """Take a new profile picture."""
    form = PictureForm()
    user = _try(
        form,
        lambda: services.save_picture(
            user_id=current_user.id, file=form.picture.data.stream, address=logins.address()
        ),
    )
    return _changed("Your picture is changed.") if user else account_page(form)


@bp.post("/account/picture/remove")
def remove_picture() -> Any:
    """Delete the profile picture."""
    services.remove_picture(user_id=current_user.id, address=logins.address())
    return _changed("Your picture is removed.")


@bp.get("/users/<username>")
def show(username: str) -> Response:
    """One's own profile; those of others are private."""
    user = _self(username)
    facts = {"username": user.username, "member_since": user.created_at.isoformat()}
    return page("users/show.html", facts, user=user)


@bp.get("/users/<username>/picture")
def picture(username: str) -> Response:
    """One's own profile picture."""
    path = services.picture_path(_self(username)) or abort(404)
    answer = send_file(path, mimetype="image/webp", as_attachment=True, download_name="picture.webp")
    answer.headers.update(_PICTURE_HEADERS)
    return answer


def _self(username: str) -> User:
    """The user at hand, if the name is theirs; whether anyone else has it is not told."""
    if names.username_key(username) != current_user.username_key:
        abort(404)
    return cast(User, current_user)


def _try(form: FlaskForm, change: Callable[[], User]) -> User | None:
    """Make the change if the form is filled in well; otherwise say at each field what is wrong."""
    if not form.validate_on_submit():
        return None
    try:
        return change()
    except services.RefusedError as refused:
        complain(form, refused.errors)
        return None


def _changed(sentence: str) -> Any:
    flash(sentence, "ok")
    return redirect(url_for("users.account"))


def _form_page(template: str, form: FlaskForm) -> Response:
    status = 422 if form.errors else 200
    return page(template, {"errors": form.errors}, status, form=form, next=request.args.get("next"))
