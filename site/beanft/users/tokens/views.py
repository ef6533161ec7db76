"""The tokens on the account page: make one, see it once, revoke it."""

from typing import Any

from flask import flash, redirect, url_for
from flask_login import current_user

from beanft.extensions import limiter
from beanft.models import ApiToken
from beanft.users import logins
from beanft.users.account_page import account_page
from beanft.users.blueprint import bp
from beanft.users.forms import complain
from beanft.users.services import RefusedError
from beanft.users.tokens import services
from beanft.users.tokens.forms import TokenForm


@bp.post("/account/tokens")
@limiter.limit("10 per minute", key_func=logins.by_user)
def make_token() -> Any:
    """Make a token and show it, this one time: the answer is no address that could be opened again."""
    form = TokenForm()
    if not form.validate_on_submit():
        return account_page(form)
    try:
        token, text = services.make_token(
            user_id=current_user.id,
            name=form.token_name.data,
            scopes=form.scopes.data,
            days=int(form.days.data),
            password=form.token_password.data,
            address=logins.address(),
        )
    except RefusedError as refused:
        complain(form, {f"token_{field}": sentence for field, sentence in refused.errors.items()})
        return account_page(form)
    return account_page(made=(token, text))


@bp.post("/account/tokens/<token>/revoke")
def revoke_token(token: ApiToken) -> Any:
    """Revoke a token: it opens nothing from the next request on."""
    name = token.name
    services.revoke_token(token=token, address=logins.address())
    flash(f"The token “{name}” is revoked.", "ok")
    return redirect(url_for("users.account", _anchor="tokens"))
