"""Forms of accounts: shape of input and the sentences for what is missing or will not do."""

from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length, ValidationError

from beanft.users import names, passwords

_PASSWORD_HELP = (
    f"At least {passwords.MIN_CHARACTERS} characters. A few unrelated words are easy to remember."
)
_NOT_REPEATED = "The two passwords differ. Type the same one twice."


def _stripped(text: str | None) -> str | None:
    return text.strip() if text else text


def _username_rule(_form: FlaskForm, field: Any) -> None:
    _refuse(names.username_problem(field.data))


def _email_rule(_form: FlaskForm, field: Any) -> None:
    _refuse(names.email_problem(field.data))


def _password_rule(form: FlaskForm, field: Any) -> None:
    own = {name: form[name].data or "" for name in ("username", "email") if name in form}
    _refuse(passwords.problem(field.data, **own))


def _refuse(problem: str | None) -> None:
    if problem:
        raise ValidationError(problem)


def _username_field() -> StringField:
    return StringField(
        "User name",
        filters=[_stripped],
        validators=[DataRequired("Choose a user name."), _username_rule],
        render_kw={"autocomplete": "username", "maxlength": names.USERNAME_MAX, "spellcheck": "false"},
    )


def _email_field() -> StringField:
    return StringField(
        "E-mail address",
        filters=[_stripped],
        validators=[DataRequired("Enter your e-mail address."), _email_rule],
        render_kw={"type": "email", "autocomplete": "email", "maxlength": names.EMAIL_MAX},
    )


def _new_password_field(label: str) -> PasswordField:
    return PasswordField(
        label,
        description=_PASSWORD_HELP,
        validators=[InputRequired("Choose a password."), _password_rule],
        render_kw={"autocomplete": "new-password", "data-new-password": ""},
    )


def _confirm_field(other: str) -> PasswordField:
    return PasswordField(
        "The same password again",
        validators=[InputRequired("Type the password a second time."), EqualTo(other, _NOT_REPEATED)],
        render_kw={"autocomplete": "new-password", "data-repeats": other},
    )


def _current_password_field(label: str) -> PasswordField:
    return PasswordField(
        label,
        validators=[InputRequired("Enter your password.")],
        render_kw={"autocomplete": "current-password"},
    )


class RegisterForm(FlaskForm):
    """A new account."""

    username = _username_field()
    email = _email_field()
    password = _new_password_field("Password")
    confirm = _confirm_field("password")


class LoginForm(FlaskForm):
    """Who is there."""

    login = StringField(
        "User name or e-mail",
        filters=[_stripped],
        validators=[
            DataRequired("Enter your user name or e-mail address."),
            Length(max=names.EMAIL_MAX, message="No user name or e-mail address is that long."),
        ],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = _current_password_field("Password")
    remember = BooleanField("Keep me logged in on this device")


class NameForm(FlaskForm):
    """Another user name."""

    username = _username_field()


class EmailForm(FlaskForm):
    """Another e-mail address; the password is asked, because one can log in by the address."""

    email = _email_field()
    password = _current_password_field("Your password")


class PasswordForm(FlaskForm):
    """Another password."""

    old = _current_password_field("Current password")
    new = _new_password_field("New password")
    confirm = _confirm_field("new")


class PictureForm(FlaskForm):
    """A profile picture."""

    picture = FileField(
        "Picture file",
        description="PNG, JPEG or WebP, at most 5 MB. The middle is cut out as a square.",
        validators=[FileRequired("Choose a picture first.")],
        render_kw={"accept": "image/png,image/jpeg,image/webp"},
    )


def complain(form: FlaskForm, errors: dict[str, str]) -> None:
    """Say at the fields of a form what is wrong with them."""
    for name, sentence in errors.items():
        form[name].errors = [*form[name].errors, sentence]
