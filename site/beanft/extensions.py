"""The extensions, made here and bound to an app in the factory."""

from typing import TYPE_CHECKING, cast

from flask import current_app
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase
from werkzeug.local import LocalProxy

from beanft.settings import Settings


class Base(DeclarativeBase):
    """Root of every table; named constraints, because SQLite's batch migrations need the names."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)
migrate = Migrate()
login = LoginManager()
csrf = CSRFProtect()
limiter = Limiter(key_func=get_remote_address)

# mypy cannot follow db.Model, which is made at run time: this is the one alias for it.
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model

settings = cast(Settings, LocalProxy(lambda: current_app.config["BEANFT"]))
"""The settings of the app at hand, for code that may not import Flask."""
