"""The ``wsse:Security`` header of the enrolment messages: who sends them, and when.

WS-Security 2004, MS-MDE 3.3.4.1.1.1, MS-MDE2 3.3.4.1.1.1, enrollment.md section 5. Written only;
reading a header is part of reading the envelope (``soap``).
"""

from __future__ import annotations

from datetime import UTC, datetime

from mdmcore.base64_text import encode_base64
from mdmcore.namespaces import (
    ENCODING_BASE64,
    PASSWORD_TEXT,
    SECEXT,
    SOAP,
    USERNAME_TOKEN_ID,
    UTILITY,
    VALUE_TYPE_USER_TOKEN,
)
from mdmcore.xml import Node, qname


def username_token(username: str, password: str) -> Node:
    """The header with a UsernameToken, as the clients write it.

    They qualify the Type attribute (``wsse:Type``), against the OASIS schema.
    """
    return security_header("wsse", _username_token(username, password))


def user_token(token: str, value_type: str = VALUE_TYPE_USER_TOKEN) -> Node:
    """The header with the token of a sign-in page, or a JWT; base64 is put around it here."""
    attributes = {"ValueType": value_type, "EncodingType": ENCODING_BASE64}
    text = encode_base64(token.encode())
    return security_header("wsse", Node(qname(SECEXT, "BinarySecurityToken"), text, attributes))


def blank_username_token(username: str, *, created: datetime, expires: datetime) -> Node:
    """The header of the printed silent renewal: a Timestamp, and a user with a blank password."""
    return security_header("o", timestamp(created, expires), _username_token(username, ""))


def timestamp(created: datetime, expires: datetime) -> Node:
    """A ``u:Timestamp`` from aware datetimes, written in UTC with milliseconds."""
    return Node(
        qname(UTILITY, "Timestamp"),
        attributes={qname(UTILITY, "Id"): "_0"},
        children=(
            Node(qname(UTILITY, "Created"), _moment(created)),
            Node(qname(UTILITY, "Expires"), _moment(expires)),
        ),
    )


def security_header(prefix: str, *parts: Node) -> Node:
    """A ``Security`` header that must be understood, its namespace bound to that prefix."""
    return Node(
        qname(SECEXT, "Security"),
        attributes={qname(SOAP, "mustUnderstand"): "1"},
        children=parts,
        nsmap={prefix: SECEXT},
    )


def _username_token(username: str, password: str) -> Node:
    return Node(
        qname(SECEXT, "UsernameToken"),
        attributes={qname(UTILITY, "Id"): USERNAME_TOKEN_ID},
        children=(
            Node(qname(SECEXT, "Username"), username),
            Node(qname(SECEXT, "Password"), password, {qname(SECEXT, "Type"): PASSWORD_TEXT}),
        ),
    )


def _moment(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("a Timestamp needs an aware datetime")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
