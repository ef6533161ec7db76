"""The JSON of a request, read strictly: what other readers would take differently is refused."""

import json
from typing import Any, NoReturn

from flask import Request

from beanft.api.problems import ProblemError

_HALF = rb"\ud"  # how half of a character begins; two halves that belong together are one
_NUMBER_MOST = 308  # digits: a longer number is no double


class _RefusedError(ValueError):
    """The text is no JSON that every program reads alike; the message says why."""


def read_object(request: Request) -> dict[str, Any]:
    """The JSON object of a body.

    Raises
    ------
    ProblemError
        415 for another content type; 400 for text that is no JSON, is nested too deeply, holds NaN or
        Infinity, a number that no computer holds, or a name twice; 422 where it is no object.
    """
    if not request.is_json:
        raise ProblemError("Send JSON with the header “Content-Type: application/json”.", status=415)
    found = read(request.get_data(cache=False))
    if not isinstance(found, dict):
        raise ProblemError("Send a JSON object, { … }, as /api/docs shows it.")
    return found


def read(content: bytes) -> Any:
    """The value that JSON text holds; see `read_object` for what is refused."""
    try:
        found = json.loads(
            content.decode(),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_float=_float,
            parse_int=_integer,
        )
        if _HALF in content.lower():
            json.dumps(found, ensure_ascii=False).encode()
        return found
    except _RefusedError as error:
        raise ProblemError(str(error), status=400) from None
    except UnicodeEncodeError:
        raise ProblemError(
            "The body holds half a character (a lone surrogate, \\ud8… to \\udf…).", status=400
        ) from None
    except UnicodeDecodeError as error:
        raise ProblemError(
            f"The body is not UTF-8 text: byte {error.start + 1:,} belongs to no character.", status=400
        ) from None
    except json.JSONDecodeError as error:
        raise ProblemError(
            f"The body is not JSON: it breaks off or goes wrong in line {error.lineno:,}, "
            f"character {error.colno:,} ({error.msg.lower()}).",
            status=400,
        ) from None
    except RecursionError:
        raise ProblemError("The body is nested too deeply to be read.", status=400) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names differ: of two with the same name, programs take now this, now that."""
    made = dict(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]  # add answers None
        raise _RefusedError(f"The name “{twice[:100]}” stands twice in one object. Keep one of the two.")
    return made


def _constant(name: str) -> NoReturn:
    raise _RefusedError(f"{name} is no JSON. Send null where a value is not known.")


def _float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _RefusedError(f"{text[:40]} is larger than any number a computer holds.")
    return number


def _integer(text: str) -> int:
    if len(text) > _NUMBER_MOST:
        raise _RefusedError(f"A number of {len(text):,} digits is larger than any number a computer holds.")
    return int(text)
