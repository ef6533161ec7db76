"""Commands for the administrator: `flask --app app beanft …`."""

import click
from flask import Flask
from flask.cli import AppGroup

from beanft import janitor
from beanft.database import migrate_database
from beanft.train.verification import services as verification

commands = AppGroup("beanft", help="Look after this installation.")


def init_app(app: Flask) -> None:
    """Add the commands to the app."""
    app.cli.add_command(commands)


@commands.command("migrate")
def migrate() -> None:
    """Bring the database to this version's tables."""
    migrate_database()
    click.echo("The database is up to date.")


@commands.command("sweep")
@click.option("--orphans", is_flag=True, help="Remove files that no row names, however many they are.")
def sweep(orphans: bool) -> None:
    """Remove what kills and power cuts left on the disk a day ago or earlier."""
    n_swept = janitor.sweep(orphans=orphans)
    click.echo(f"Leftovers removed: {n_swept:,}.")


@commands.command("verify-models")
@click.option("--all", "every", is_flag=True, help="Check every model, also those seen with these libraries.")
def verify_models(every: bool) -> None:
    """After an upgrade: have every model's numbers checked, and fitted again where they differ."""
    n_asked, n_models = verification.request_checks(every=every)
    click.echo(f"Models: {n_models:,}. Checks that wait for the workers now: {n_asked:,}.")
    for model in verification.in_trouble():
        click.echo(f"Model {model.id}: {(model.verified_json or {})['sentence']}")
