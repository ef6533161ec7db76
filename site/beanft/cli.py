"""Commands for the administrator: `flask --app app beanft …`."""

import click
from flask import Flask
from flask.cli import AppGroup

from beanft.database import migrate_database

commands = AppGroup("beanft", help="Look after this installation.")


def init_app(app: Flask) -> None:
    """Add the commands to the app."""
    app.cli.add_command(commands)


@commands.command("migrate")
def migrate() -> None:
    """Bring the database to this version's tables."""
    migrate_database()
    click.echo("The database is up to date.")
