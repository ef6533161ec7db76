"""The account page with all its forms, for every view that answers with it."""

from typing import Any

from flask import Response
from flask_login import current_user
from flask_wtf import FlaskForm

from beanft import quota
from beanft.models import ApiToken
from beanft.models.tokens import SCOPES
from beanft.pages import page
from beanft.users.forms import EmailForm, NameForm, PasswordForm, PictureForm
from beanft.users.tokens import services as tokens
from beanft.users.tokens.forms import TokenForm


def account_page(sent: FlaskForm | None = None, *, made: tuple[ApiToken, str] | None = None) -> Response:
    """The account page; the form that was sent and refused is shown as it was filled in.

    `made` is a new token with its text, which is shown this one time.
    """
    forms = {
        "name": NameForm(None, obj=current_user),
        "email": EmailForm(None, obj=current_user),
        "password": PasswordForm(None),
        "picture": PictureForm(None),
        "token": TokenForm(None),
    }
    forms |= {name: sent for name, form in forms.items() if type(form) is type(sent)}
    use, listed = quota.use_of(current_user.id), tokens.list_tokens(user_id=current_user.id)
    facts = {
        "username": current_user.username,
        "email": current_user.email,
        "errors": sent.errors if sent else {},
        "storage": use.facts(),
        "tokens": [_token_facts(token) for token in listed],
    }
    if made:
        facts["token"] = made[1]
    return page(
        "users/account.html",
        facts,
        422 if sent else 201 if made else 200,
        forms=forms,
        use=use,
        tokens=listed,
        made=made,
        scope_words=SCOPES,
    )


def _token_facts(token: ApiToken) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "start": token.start,
        "scopes": token.scopes,
        "created_at": token.created_at.isoformat(),
        "last_used_at": token.last_used_at.isoformat() if token.last_used_at else None,
        "expires_at": token.expires_at.isoformat() if token.expires_at else None,
    }
