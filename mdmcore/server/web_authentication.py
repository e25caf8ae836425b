"""The sign-in pages of a Federated enrolment.

``GET /EnrollmentServer/Authenticate?appru=ms-app://...&login_hint=USER`` gives the form; it posts
``appru``, ``username`` and ``password`` (urlencoded) to the same address. The right password gets
the end page, which posts ``wresult`` to ``appru`` (enrollment.md 5.2). No script runs but that one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from mdmcore.enrollment.wab import (
    SUBMIT_SCRIPT_HASH,
    end_page,
    parse_wab_request,
    sign_in_page,
)
from mdmcore.errors import MdmError
from mdmcore.http import Request, Response
from mdmcore.server.answers import html_answer, plain_answer
from mdmcore.server.user_tokens import UserTokens

logger = logging.getLogger(__name__)

_POLICY = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
_MAX_BODY_BYTES = 16 * 1024


class WebAuthentication:
    """Both pages; ``is_password`` tells whether a user may enrol with that password."""

    def __init__(self, tokens: UserTokens, *, is_password: Callable[[str, str], bool]) -> None:
        self._tokens = tokens
        self._is_password = is_password

    def show(self, request: Request, _domain: str) -> Response:
        """The sign-in page; 400 without a usable appru."""
        try:
            return _page(sign_in_page(parse_wab_request(request.query)))
        except MdmError as error:
            return plain_answer(400, str(error))

    def sign_in(self, request: Request, _domain: str) -> Response:
        """The end page, or the sign-in page again when the password is wrong."""
        body = request.body or b""
        if len(body) > _MAX_BODY_BYTES:
            return plain_answer(413, "the form is too long")
        try:
            given = parse_wab_request(body.decode())
        except UnicodeDecodeError:
            return plain_answer(400, "the form is not UTF-8")
        except MdmError as error:
            return plain_answer(400, str(error))
        if not given.username or not self._is_password(given.username, given.password):
            logger.info("sign-in refused: %r", given.username)
            return _page(sign_in_page(given, problem="User name or password is wrong."))
        token = self._tokens.issue(given.username)
        return _page(end_page(given.appru, token), f"script-src 'sha256-{SUBMIT_SCRIPT_HASH}'")


def _page(body: bytes, *policies: str) -> Response:
    return html_answer(body, policy="; ".join((_POLICY, *policies)))
