"""What user names and e-mail addresses may look like, and how two of them are compared."""

import re

from email_validator import EmailNotValidError, validate_email

USERNAME_MAX = 40
EMAIL_MAX = 254

# Few characters on purpose: a name stands in addresses, and no two names may look the same.
_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,39}")


def username_problem(username: str) -> str | None:
    """Say what is wrong with a user name, if anything is.

    >>> username_problem("alice") is None, username_problem("a b") is None
    (True, False)
    """
    if _USERNAME.fullmatch(username):
        return None
    return (
        f"A user name has 2 to {USERNAME_MAX} letters a–z, digits, dots, hyphens or underscores, "
        "and starts with a letter or digit."
    )


def username_key(username: str) -> str:
    """Return the name as it is compared: Alice and alice are one person."""
    return username.strip().casefold()


def email_problem(email: str) -> str | None:
    """Say what is wrong with an e-mail address, if anything is."""
    try:
        normalised = _normalised(email)
    except EmailNotValidError as error:
        return f"This is not an e-mail address: {_sentence(str(error))}"
    if len(normalised) > EMAIL_MAX:
        return f"An e-mail address has at most {EMAIL_MAX} characters."
    return None


def email_key(email: str) -> str:
    """Return the address as it is stored and compared.

    >>> email_key(" Ann@Example.ORG ")
    'ann@example.org'
    """
    try:
        return _normalised(email)
    except EmailNotValidError:
        return email.strip().casefold()


def login_key(login: str) -> str:
    """Return what somebody typed to log in as it is compared: an address where it has an @, else a name.

    >>> login_key("Ann@Example.ORG"), login_key(" Ann ")
    ('ann@example.org', 'ann')
    """
    return email_key(login) if "@" in login else username_key(login)


def _normalised(email: str) -> str:
    """One spelling for one address; whether it receives mail is not asked, nothing leaves this machine.

    `test_environment` admits names that end in .test, which people use to try a site out.
    """
    found = validate_email(email.strip(), check_deliverability=False, test_environment=True)
    return found.normalized.casefold()


def _sentence(text: str) -> str:
    """The library's words as the second half of our sentence."""
    return text[:1].lower() + text[1:]
