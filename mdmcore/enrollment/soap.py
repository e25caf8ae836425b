"""The SOAP envelope that discovery, policies and enrolment share, read and written.

MS-MDE 2.2, MS-MDE2 2.2.1, WS-Addressing 1.0, enrollment.md sections 3 and 5. Reading is tolerant:
blanks around texts are dropped, prefixes and order do not matter, SOAP 1.1 is taken and noted.
Writing is SOAP 1.2 with no blank in a URI. What stands in the body belongs to its own module; the
security header is written by ``security``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mdmcore.errors import DeviceFault, ProtocolError
from mdmcore.namespaces import (
    ADDRESSING,
    ANONYMOUS,
    SOAP,
    SOAP_11,
    UTILITY,
)
from mdmcore.xml import (
    Element,
    Node,
    child,
    children,
    local_name,
    namespace_of,
    parse_lenient,
    parse_strict,
    path_of,
    qname,
    serialize,
    text_of,
)

_VERSIONS = {SOAP: "1.2", SOAP_11: "1.1"}
_NSMAP: dict[str | None, str] = {"s": SOAP, "a": ADDRESSING, "u": UTILITY}


@dataclass(frozen=True, slots=True, kw_only=True)
class UserToken:
    """A BinarySecurityToken of the security header: the user's token, never the CSR.

    ``text`` is the base64 as sent, trimmed.
    """

    value_type: str
    encoding_type: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A SOAP message: its addressing and credentials, and the one element of its body.

    ``message_id`` and ``relates_to`` are verbatim, blanks included, because an answer repeats
    them so; trim both to compare. ``action`` and ``to`` are trimmed, empty when absent.
    ``password`` is verbatim. ``body_namespace`` is as sent (a stray slash or blank stays).
    """

    action: str
    message_id: str | None
    relates_to: str | None
    to: str
    username: str | None
    password: str | None = field(repr=False)
    user_token: UserToken | None
    body: Element | None
    body_name: str
    body_namespace: str
    soap_version: str
    root: Element = field(repr=False)


type Message = bytes | Element | Envelope
"""What the parse functions of this room take: a body as received, its root, or its envelope."""


def same_namespace(found: str, wanted: str) -> bool:
    """Whether a namespace is the wanted one; a trailing slash and outer blanks do not count.

    Published Discover samples carry that slash, the wire does not (enrollment.md 3.1).
    """
    return found.strip().rstrip("/") == wanted


def parse_envelope(
    source: bytes | Element, *, strict: bool = True, fault: type[ProtocolError] = DeviceFault
) -> Envelope:
    """The envelope of a message.

    ``strict=False`` recovers broken XML and takes lower-case element names, for explaining.
    Raises XmlError with its place, or ``fault`` when the document is not a SOAP envelope.
    """
    root = _root(source, strict=strict)
    version = _soap_version(root, strict=strict)
    if version is None:
        found = qname(namespace_of(root), local_name(root))
        raise fault(f"not a SOAP envelope, the root element is {found}", place=path_of(root))
    header = _part(root, "Header", strict=strict)
    body_part = _part(root, "Body", strict=strict)
    if body_part is None:
        raise fault("the envelope has no Body", place=path_of(root))
    body = next(children(body_part), None)
    username = child(header, "Security", "UsernameToken", "Username")
    password = child(header, "Security", "UsernameToken", "Password")
    return Envelope(
        action=text_of(_part(header, "Action", strict=strict)),
        message_id=_verbatim(_part(header, "MessageID", strict=strict)),
        relates_to=_verbatim(_part(header, "RelatesTo", strict=strict)),
        to=text_of(_part(header, "To", strict=strict)),
        username=None if username is None else text_of(username),
        password=None if password is None else _raw_text(password),
        user_token=_user_token(header),
        body=body,
        body_name="" if body is None else local_name(body),
        body_namespace="" if body is None else namespace_of(body),
        soap_version=version,
        root=root,
    )


def as_envelope(
    source: Message, *, strict: bool = True, fault: type[ProtocolError] = DeviceFault
) -> Envelope:
    """The envelope itself, or that of the given bytes or root; errors of ``parse_envelope``."""
    if isinstance(source, Envelope):
        return source
    return parse_envelope(source, strict=strict, fault=fault)


def expect_body(
    message: Envelope, name: str, namespace: str, *, fault: type[ProtocolError] = DeviceFault
) -> Element:
    """The body's element, which must have this name and namespace; ``fault`` otherwise."""
    body = message.body
    if body is None:
        raise fault(f"expected {name}, the SOAP Body is empty", place=path_of(message.root))
    if message.body_name != name or not same_namespace(message.body_namespace, namespace):
        found = qname(message.body_namespace, message.body_name)
        raise fault(f"expected {name} in namespace {namespace}, found {found}", place=path_of(body))
    return body


def envelope(
    action: str,
    *body: Node,
    relates_to: str | None = None,
    message_id: str | None = None,
    to: str | None = None,
    security: Node | None = None,
) -> bytes:
    """A SOAP 1.2 message as UTF-8 bytes.

    ``message_id`` makes a request (with the anonymous ReplyTo), ``relates_to`` an answer.
    Raises XmlError for text that XML cannot carry.
    """
    header = [_must_understand("Action", action)]
    if relates_to is not None:
        header.append(Node(qname(ADDRESSING, "RelatesTo"), relates_to))
    if message_id is not None:
        header.append(Node(qname(ADDRESSING, "MessageID"), message_id))
        address = Node(qname(ADDRESSING, "Address"), ANONYMOUS)
        header.append(Node(qname(ADDRESSING, "ReplyTo"), children=(address,)))
    if to is not None:
        header.append(_must_understand("To", to))
    if security is not None:
        header.append(security)
    parts = (
        Node(qname(SOAP, "Header"), children=tuple(header)),
        Node(qname(SOAP, "Body"), children=body),
    )
    return serialize(Node(qname(SOAP, "Envelope"), children=parts, nsmap=_NSMAP))


def attribute(element: Element, name: str) -> str:
    """An attribute by local name, qualified or not (``Type``, ``wsse:Type``), verbatim; or ''."""
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return ""


def is_nil(element: Element) -> bool:
    """Whether the element says ``xsi:nil="true"`` (the prefix may be unbound when recovered)."""
    for key, value in element.attrib.items():
        name = str(key).rpartition("}")[2].rpartition(":")[2]
        if name == "nil" and str(value).strip() in ("true", "1"):
            return True
    return False


def _root(source: bytes | Element, *, strict: bool) -> Element:
    if not isinstance(source, bytes):
        return source
    return parse_strict(source) if strict else parse_lenient(source).root


def _soap_version(root: Element, *, strict: bool) -> str | None:
    name, namespace = local_name(root), namespace_of(root)
    if strict:
        return _VERSIONS.get(namespace) if name == "Envelope" else None
    if name.lower() != "envelope":
        return None
    wanted = namespace.strip().rstrip("/")
    return next((v for uri, v in _VERSIONS.items() if uri.rstrip("/") == wanted), "1.2")


def _part(parent: Element | None, name: str, *, strict: bool) -> Element | None:
    found = child(parent, name)
    if found is None and parent is not None and not strict:
        return next((e for e in children(parent) if local_name(e).lower() == name.lower()), None)
    return found


def _raw_text(element: Element) -> str:
    return "".join(str(part) for part in element.itertext())


def _verbatim(element: Element | None) -> str | None:
    text = "" if element is None else _raw_text(element)
    return text if text.strip() else None


def _user_token(header: Element | None) -> UserToken | None:
    token = child(header, "Security", "BinarySecurityToken")
    if token is None:
        return None
    return UserToken(
        value_type=attribute(token, "ValueType").strip(),
        encoding_type=attribute(token, "EncodingType").strip(),
        text=text_of(token),
    )


def _must_understand(name: str, text: str) -> Node:
    return Node(qname(ADDRESSING, name), text, {qname(SOAP, "mustUnderstand"): "1"})
