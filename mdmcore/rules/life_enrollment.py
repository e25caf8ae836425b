"""Rules on enrolling that several exchanges of a life must be seen for (enrollment.md 4 to 9)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta

from mdmcore.base64_text import decode_base64
from mdmcore.namespaces import SYNCML_WBXML_MEDIA_TYPES
from mdmcore.profiles import FEDERATED
from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.proxy_words import proxy_words, refused_by_proxy
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene

_LOOP = 5
_LOOP_TIME = timedelta(hours=1)
_VERSION = re.compile(r"(?<![\d.])[1-9]\.0(?![\d.])")
_UNRESOLVED = re.compile(
    r"(?i)name or service not known|nodename nor servname|getaddrinfo|no such host|"
    r"name resolution|could not resolve|NXDOMAIN"
)
_REFUSED_ENCODING = frozenset({400, 415, 500, 501})


@rule("discover-version-allowlist", kinds={Kind.DISCOVER})
def version_allowlist(scene: Scene) -> Iterator[Hit]:
    """A Discover is refused for its RequestVersion: the server has a list of versions and takes no
    other, so newer devices cannot enrol. Take any version, and answer as for the highest known."""
    asked, side = scene.decoded.discover, scene.decoded.response
    fault = side.fault if side is not None else None
    if asked is None or fault is None:
        return
    reason = fault.reason.lower()
    speaks_of_versions = "requestversion" in reason or (
        "version" in reason and _VERSION.search(reason) is not None
    )
    lower_one_taken = bool(scene.before.auth_policy) and _is_lower(
        scene.before.request_version, asked.request_version
    )
    if speaks_of_versions or lower_one_taken:
        yield scene.hit(
            f"RequestVersion {asked.request_version or 'empty'} is refused: {fault.reason}",
            part="response",
            xpath=fault.path or "/Envelope/Body/Fault",
            evidence=asked.request_version,
        )


def _is_lower(one: str, other: str) -> bool:
    def number(text: str) -> float:
        return float(text) if re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,4})?", text) else 0.0

    return number(one) < number(other)


@rule("auth-policy-unimplemented", kinds={Kind.GETPOLICIES, Kind.RST})
def token_not_taken(scene: Scene) -> Iterator[Hit]:
    """AuthPolicy is Federated, and the token that the server's own sign-in page handed out is
    refused: the service does not read that kind of credentials. Read it, or announce OnPremise."""
    side, envelope = scene.decoded.response, scene.decoded.request.envelope
    fault = side.fault if side is not None else None
    token = envelope.user_token if envelope is not None else None
    if fault is None or token is None or scene.before.auth_policy != FEDERATED:
        return
    if fault.subcode not in {"Authentication", "MessageFormat", "InvalidSecurity"}:
        return
    forms = (token.text.encode(), decode_base64(token.text) or b"")
    if any(hashlib.sha256(form).hexdigest() == scene.before.wresult for form in forms):
        yield scene.hit(
            f"the token of the sign-in page is answered with {fault.subcode}",
            part="response",
            xpath=fault.path or "/Envelope/Body/Fault",
            evidence=fault.subcode,
        )


@rule("enroll-attempt-loop", kinds={Kind.DISCOVER})
def attempt_loop(scene: Scene) -> Iterator[Hit]:
    """A device begins to enrol again and again within an hour and never stays enrolled. Look at the
    last step of each attempt: it is there that it fails."""
    if scene.decoded.discover is None:
        return
    last = scene.life.discoveries[-_LOOP:]
    if len(last) == _LOOP and last[-1] - last[0] <= _LOOP_TIME:
        yield scene.hit(
            f"{_LOOP} attempts to enrol within {(last[-1] - last[0]).seconds // 60 + 1} minutes",
            part="request",
            field="url",
            evidence=scene.exchange.request.url,
        )


@rule("cert-subject-not-unique", kinds={Kind.RST})
def subject_used_before(scene: Scene) -> Iterator[Hit]:
    """A certificate is issued under a subject that another device has already, so both look alike.
    Give each device a CN of its own, a GUID for instance."""
    certificate = scene.life.certificate
    if scene.decoded.provisioning is None or certificate is None or scene.life.id is None:
        return
    name = certificate.subject.raw.hex()
    owner = scene.subject_owners.get(name)
    if owner is not None and owner != scene.life.id:
        yield scene.hit(
            "the subject of the certificate was issued to another device before",
            part="certificate",
            field="subject",
            evidence=certificate.subject.rfc4514(),
        )


@rule("w7-encoding-unsupported", kinds={Kind.SYNCML})
def encoding_refused(scene: Scene) -> Iterator[Hit]:
    """The account orders WBXML, and the server refuses the device's message in it, so no session
    ever works. Read WBXML, or leave DEFAULTENCODING out."""
    response, part = scene.exchange.response, scene.life.provisioning
    account = part.account if part is not None else None
    if response is None or account is None:
        return
    is_ordered = (account.encoding or "") in SYNCML_WBXML_MEDIA_TYPES
    is_sent = scene.exchange.request.media_type in SYNCML_WBXML_MEDIA_TYPES
    if is_ordered and is_sent and response.status in _REFUSED_ENCODING:
        yield scene.hit(
            f"a message in the encoding that was ordered is answered with HTTP {response.status}",
            part="response",
            field="status",
            evidence=account.encoding or "",
        )


@rule("host-name-unresolved")
def unresolved(scene: Scene) -> Iterator[Hit]:
    """The name of the host cannot be resolved, so the device cannot connect either. Publish an A or
    CNAME record that the device's network can see."""
    error = scene.exchange.error or ""
    if proxy_words(scene.exchange) is not None:
        yield from refused_by_proxy(scene, "host-name-unresolved")
        return
    if scene.exchange.response is None and _UNRESOLVED.search(error):
        yield scene.hit(
            f"the name {scene.exchange.request.host} cannot be resolved",
            part="request",
            field="url",
            evidence=error,
        )
