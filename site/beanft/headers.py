"""What every answer carries: the security headers, a request id, no caching of personal pages."""

from flask import Flask, Response, request

from beanft.logs import request_id

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
)
"""No inline script or style, nothing from outside; `data:` is for Bootstrap's own images."""

SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: Flask-WTF compares the referrer on https.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
"""Those of every answer, pages and static files alike."""


def init_app(app: Flask) -> None:
    """Give each answer its headers."""
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    own = {name.lower() for name, _ in response.headers}
    response.headers.extend(
        (name, text) for name, text in SECURITY_HEADERS.items() if name.lower() not in own
    )
    response.headers["X-Request-Id"] = request_id()
    response.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
