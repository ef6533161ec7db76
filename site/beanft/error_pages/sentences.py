"""What each error page says: what happened, and what to do."""

from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True)
class Words:
    """The words of one error page."""

    title: str
    """What happened, in a few words; the heading."""
    detail: str
    """One or two sentences: why, and what to do."""


WORDS = {
    400: Words(
        "This request cannot be read",
        "Something in the address or the form is missing or not in the expected form. "
        "Go back, reload the page, and try again.",
    ),
    401: Words("You are not logged in", "Your login ended, or there was none. Log in, and try again."),
    403: Words("This is not allowed", "Your account may not do this. Ask the person who runs this site."),
    404: Words(
        "There is no such page",
        "The address may be mistyped, or what was here has been deleted. "
        "Things that belong to somebody else cannot be found either.",
    ),
    405: Words(
        "This page does not do that",
        "The address exists, but cannot be opened in this way. Go back, and use the buttons of the page.",
    ),
    409: Words(
        "Something changed in the meantime",
        "What you wanted to change is no longer as you saw it. Reload the page, look, and try again.",
    ),
    411: Words(
        "The length is missing",
        "The request does not say how long it is. Send its length first; browsers do so by themselves.",
    ),
    413: Words("This is too large", "What was sent is larger than this page accepts. Send less."),
    415: Words(
        "This kind of content is not understood",
        "The request carries content of a kind that this page does not take.",
    ),
    422: Words("This cannot be done", "What was asked does not fit the data. Change it, and try again."),
    429: Words("Too many tries", "This was tried too often in a short time. Wait a little, and try again."),
    500: Words(
        "Something went wrong here",
        "This is a mistake in the site, not yours, and nothing that was saved is lost. Try again; if it "
        "happens again, give the reference below to the person who runs this site.",
    ),
    503: Words(
        "Busy at the moment",
        "The site could not answer in time. Nothing that was saved is lost. Try again in a few seconds.",
    ),
    507: Words(
        "The server has no room",
        "Its disk is full, so nothing was kept. Delete what you no longer need, or ask the person who runs "
        "this site.",
    ),
}

API_WORDS = {
    400: Words(
        "This request cannot be read",
        "Something in the request is missing or not in the form that /api/docs describes.",
    ),
    401: Words(
        "A token is needed",
        "Send a token in the header “Authorization: Bearer bft_…”. Your account page makes one.",
    ),
    403: Words("This is not allowed", "This token may not do this. Your account page makes one that may."),
    404: Words(
        "There is nothing here",
        "No object of yours has this number, or the address is mistyped; /api/docs lists the addresses. "
        "What belongs to somebody else cannot be found either.",
    ),
    405: Words(
        "This address does not do that",
        "It exists, but does not answer to this method. The header Allow lists those that it does.",
    ),
    409: Words(
        "This cannot be done now",
        "What you wanted is no longer as you saw it, or not yet as it must be. Read it again.",
    ),
    411: Words(
        "The length is missing",
        "The request does not say how long it is. Send the header Content-Length.",
    ),
    422: Words("What was sent does not fit", "The parts that do not are listed in “errors”."),
    429: Words("Too many requests", "There were too many requests in a short time. Wait a little."),
    500: Words(
        "Something went wrong here",
        "This is a mistake in the site, not yours, and nothing that was saved is lost. Try again; if it "
        "happens again, give the reference to the person who runs this site.",
    ),
}
"""The words for programs, where those of the pages speak of pages."""

API_TYPES = {
    400: "unreadable",
    401: "token-needed",
    403: "not-allowed",
    404: "not-found",
    405: "wrong-method",
    409: "not-now",
    411: "length-missing",
    413: "too-large",
    415: "wrong-content",
    422: "does-not-fit",
    429: "too-many-requests",
    500: "mistake-of-ours",
    503: "busy",
    507: "no-room",
}
"""What programs tell sorts of problems by: never changed."""

OTHER_HOST = "This site does not answer to the host name in the address. Check the address."

FORM_TOO_OLD = Words(
    "This form can no longer be sent",
    "It was open for too long, or you logged in or out in another window meanwhile. Nothing was changed. "
    "Go back, reload the page, and send the form again. Cookies must be allowed for this site.",
)


def words_for(status: int, *, api: bool = False) -> Words:
    """Return the words for a status, for people or for programs; for a rare one, its standard name."""
    if api and status in API_WORDS:
        return API_WORDS[status]
    if status in WORDS:
        return WORDS[status]
    return Words(HTTPStatus(status).phrase, WORDS[500 if status >= 500 else 400].detail)
