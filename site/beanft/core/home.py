"""The front page, and the help pages."""

from flask import Response, abort, render_template
from flask_login import current_user

from beanft.access import public
from beanft.core import services
from beanft.core.blueprint import bp
from beanft.pages import page

TOPICS = {
    "start": "The five-minute walk",
    "tables": "Bringing a table",
    "charts": "Charts that tell the truth",
    "training": "Reading a leaderboard",
    "predicting": "Predicting",
    "privacy": "Who sees what",
}
"""Help pages by the last part of their address, in reading order."""


@bp.get("/")
@public
def home() -> Response:
    """What Beanft is, for visitors; what is new and what comes next, for members."""
    if not current_user.is_authenticated:
        return page("core/welcome.html", {"name": "Beanft"})
    overview = services.overview(user_id=current_user.id)
    return page("core/home.html", overview.facts(), overview=overview, verdict_of=services.verdict_of)


@bp.get("/help")
@public
def help_index() -> str:
    """List the help pages."""
    return render_template("core/help.html", topics=TOPICS)


@bp.get("/help/<topic>")
@public
def help(topic: str) -> str:
    """One help page."""
    if topic not in TOPICS:
        abort(404)
    return render_template(f"core/help/{topic}.html", topics=TOPICS, topic=topic)
