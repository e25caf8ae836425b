"""Rules on captures themselves, not on what was said: traces that are cut, passwords in logs, what
a proxy between device and server cannot do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mdmcore.rules.decoded import SOAP_KINDS, Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.proxy_words import refused_by_proxy
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.truncation import Cut, cut_of
from mdmcore.xml import child

_MASKED = re.compile(r"(?i)[^\w\s]*|[x\W]{3,}|\W*(?:redacted|masked|hidden|removed|secret)\W*")
"""A password that somebody has covered: no letter or digit, only x, or a word that says so."""
_PASSWORD_TEXT = "#PasswordText"
_LEGS = SOAP_KINDS | {Kind.PROBE, Kind.WAB, Kind.SYNCML, Kind.HUB}
_SWITCHING_PROTOCOLS = 101


@rule("capture-message-truncated")
def message_truncated(scene: Scene) -> Iterator[Hit]:
    """The message ends in the middle because the tool that traced it has cut it, so it is judged as
    far as it goes. Capture on the wire to see all of it."""
    for side in scene.decoded.sides:
        cut = cut_of(scene, side)
        if cut is not Cut.NO:
            may = "is" if cut is Cut.SURE else "may be"
            yield scene.hit(
                f"the message ends in the middle after {len(side.body)} bytes; the trace {may} cut",
                part=side.part,
                offset=len(side.body),
                evidence=f"{len(side.body)} bytes",
            )


@rule("credential-logged")
def password_in_log(scene: Scene) -> Iterator[Hit]:
    """A log holds the user's password in readable form, so whoever reads the log knows it. Mask
    passwords before they are logged, and let the user choose a new one."""
    envelope = scene.decoded.request.envelope
    if scene.exchange.verbatim or envelope is None or not envelope.password:
        return
    written = child(envelope.root, "Header", "Security", "UsernameToken", "Password")
    types = () if written is None else [v for k, v in written.items() if k.endswith("Type")]
    is_text = all(str(value).strip().endswith(_PASSWORD_TEXT) for value in types)
    if is_text and not _MASKED.fullmatch(envelope.password.strip()):
        yield scene.hit(
            "a printed message holds the user's password in readable form",
            part="request",
            xpath="/Envelope/Header/Security/UsernameToken/Password",
            evidence="PasswordText",
        )


@rule("upstream-tls-failed", kinds=_LEGS)
def upstream_tls_failed(scene: Scene) -> Iterator[Hit]:
    """The proxy's own TLS with the server failed, so nothing of the server reached the device. Give
    the proxy the server's CA (--upstream-ca), or take its certificate unseen (--insecure)."""
    yield from refused_by_proxy(scene, "upstream-tls-failed")


@rule("proxy-cannot-carry", kinds=_LEGS)
def proxy_cannot_carry(scene: Scene) -> Iterator[Hit]:
    """The proxy cannot pass on what HTTP allows, such as trailers and interim answers, or was told
    not to, so the device did not get the answer. Let the server do without, or look without it."""
    yield from refused_by_proxy(scene, "proxy-cannot-carry")
    response = scene.exchange.response
    if response is None or response.status == _SWITCHING_PROTOCOLS:
        return
    if 100 <= response.status < 200:
        yield scene.hit(
            f"the interim answer {response.status} was taken for the answer, which came behind it "
            "and did not reach the device",
            part="response",
            field="status",
            evidence=str(response.status),
        )
