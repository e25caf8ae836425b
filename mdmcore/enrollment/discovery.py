"""Discover and DiscoverResponse (MS-MDE 3.1.4, MS-MDE2 3.1.4, enrollment.md section 4).

Order of the children is free when read. Whether a value is allowed is for the server and the
rules to say; here an absent or nil element is an empty text.
"""

from __future__ import annotations

from dataclasses import dataclass

from mdmcore.enrollment.soap import Message, as_envelope, envelope, expect_body
from mdmcore.errors import DeviceFault, ServerFault
from mdmcore.namespaces import ACTION_DISCOVER, ACTION_DISCOVER_RESPONSE, DISCOVERY
from mdmcore.xml import Node, child, children, path_of, qname, text_of


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoverRequest:
    """What a device says of itself and its user; texts trimmed, empty when absent.

    ``email_address`` may be ``domain\\user``; ``request_version`` is empty from Windows 8.1
    PCs, up to 9.0 from Windows 11.
    """

    email_address: str
    request_version: str = ""
    device_type: str = ""
    application_version: str = ""
    os_edition: str = ""
    auth_policies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoverResponse:
    """Where the device goes next; texts trimmed, empty when absent.

    ``enrollment_version`` only answers a RequestVersion of 3.0 or more.
    """

    auth_policy: str
    policy_url: str = ""
    enrollment_url: str = ""
    authentication_url: str = ""
    enrollment_version: str = ""


def parse_discover(source: Message, *, strict: bool = True) -> DiscoverRequest:
    """The request. Raises XmlError, or DeviceFault when it is no Discover with a request."""
    message = as_envelope(source, strict=strict)
    body = expect_body(message, "Discover", DISCOVERY)
    request = child(body, "request")
    policies = child(request, "AuthPolicies")
    if request is None and strict:
        raise DeviceFault("Discover has no request", place=path_of(body))
    return DiscoverRequest(
        email_address=text_of(child(request, "EmailAddress")),
        request_version=text_of(child(request, "RequestVersion")),
        device_type=text_of(child(request, "DeviceType")),
        application_version=text_of(child(request, "ApplicationVersion")),
        os_edition=text_of(child(request, "OSEdition")),
        auth_policies=tuple(
            text_of(policy)
            for policy in (() if policies is None else children(policies, "AuthPolicy"))
        ),
    )


def serialize_discover(request: DiscoverRequest, *, message_id: str, to: str) -> bytes:
    """The request in the order Windows uses; empty fields are left out.

    EmailAddress and RequestVersion always stand: a Windows 8.1 PC writes the latter empty (MS-MDE
    4.1.1).
    """
    fields = (
        ("DeviceType", request.device_type),
        ("ApplicationVersion", request.application_version),
        ("OSEdition", request.os_edition),
    )
    parts = [
        _node("EmailAddress", request.email_address),
        _node("RequestVersion", request.request_version),
    ]
    parts += [_node(name, text) for name, text in fields if text]
    if request.auth_policies:
        policies = tuple(_node("AuthPolicy", text) for text in request.auth_policies)
        parts.append(Node(qname(DISCOVERY, "AuthPolicies"), children=policies))
    body = _body("Discover", Node(qname(DISCOVERY, "request"), children=tuple(parts)))
    return envelope(ACTION_DISCOVER, body, message_id=message_id, to=to)


def parse_discover_response(source: Message, *, strict: bool = True) -> DiscoverResponse:
    """The answer. Raises XmlError, or ServerFault when it is no DiscoverResponse with a result."""
    message = as_envelope(source, strict=strict, fault=ServerFault)
    body = expect_body(message, "DiscoverResponse", DISCOVERY, fault=ServerFault)
    result = child(body, "DiscoverResult")
    if result is None and strict:
        raise ServerFault("DiscoverResponse has no DiscoverResult", place=path_of(body))
    return DiscoverResponse(
        auth_policy=text_of(child(result, "AuthPolicy")),
        policy_url=text_of(child(result, "EnrollmentPolicyServiceUrl")),
        enrollment_url=text_of(child(result, "EnrollmentServiceUrl")),
        authentication_url=text_of(child(result, "AuthenticationServiceUrl")),
        enrollment_version=text_of(child(result, "EnrollmentVersion")),
    )


def serialize_discover_response(response: DiscoverResponse, *, relates_to: str | None) -> bytes:
    """The answer, AuthPolicy first, then in the order of MS-MDE's schema; empty fields left out."""
    fields = (
        ("AuthenticationServiceUrl", response.authentication_url),
        ("EnrollmentPolicyServiceUrl", response.policy_url),
        ("EnrollmentServiceUrl", response.enrollment_url),
        ("EnrollmentVersion", response.enrollment_version),
    )
    parts = [_node("AuthPolicy", response.auth_policy)]
    parts += [_node(name, text) for name, text in fields if text]
    result = Node(qname(DISCOVERY, "DiscoverResult"), children=tuple(parts))
    return envelope(
        ACTION_DISCOVER_RESPONSE, _body("DiscoverResponse", result), relates_to=relates_to
    )


def _node(name: str, text: str) -> Node:
    return Node(qname(DISCOVERY, name), text)


def _body(name: str, content: Node) -> Node:
    return Node(qname(DISCOVERY, name), children=(content,), nsmap={None: DISCOVERY})
