"""Real handshakes between OpenSSL and OpenSSL in memory, with every byte that passed."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from mdmcore.tls_wire import Side
from tests.support.tls_server import HOST, server_certificate, server_context

type Spoil = Callable[[ssl.SSLContext], None]


@dataclass
class Talk:
    """What both sides have sent, in order, and how it ended for each."""

    passed: list[tuple[Side, bytes]] = field(default_factory=list)
    errors: dict[Side, ssl.SSLError] = field(default_factory=dict)
    device: ssl.SSLObject | None = None
    session: ssl.SSLSession | None = None


@dataclass
class _End:
    """One end: OpenSSL and its two buffers."""

    side: Side
    tls: ssl.SSLObject
    incoming: ssl.MemoryBIO
    outgoing: ssl.MemoryBIO
    is_done: bool = False


def talk(
    folder: Path,
    version: ssl.TLSVersion,
    *,
    client: ssl.VerifyMode = ssl.CERT_NONE,
    certificate: Path | None = None,
    session: ssl.SSLSession | None = None,
    device: ssl.SSLContext | None = None,
    server: ssl.SSLContext | None = None,
    is_trusting: bool = True,
) -> Talk:
    """A device with that certificate meets a server; then each says a word, and the device ends."""
    above = server or make_server(folder, version, client)
    below = device or make_device(certificate, is_trusting=is_trusting)
    device_end = _end(Side.DEVICE, below, session)
    server_end = _end(Side.SERVER, above, None)
    both = (device_end, server_end)
    result = Talk(device=device_end.tls)
    _step_until_quiet(both, result, lambda end: end.tls.do_handshake())
    for end in both:
        if end.is_done and not result.errors:
            end.tls.write(b"a word\n" * 20)
            _carry(both, result)
    if not result.errors:
        # In TLS 1.3 only reading tells that the server has refused, and gives a session.
        for end in both:
            _try(end, result, lambda one: one.tls.read(4096))
            _carry(both, result)
        result.session = device_end.tls.session
    return result


def make_server(
    folder: Path, version: ssl.TLSVersion, client: ssl.VerifyMode = ssl.CERT_NONE
) -> ssl.SSLContext:
    """A server of one version with the certificate of ``tls_server``."""
    context = server_context((version, version), client)
    context.load_cert_chain(server_certificate(folder, (HOST,)))
    return context


def make_device(certificate: Path | None = None, *, is_trusting: bool = True) -> ssl.SSLContext:
    """A device that speaks every version."""
    context = ssl.create_default_context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
    if is_trusting:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if certificate is not None:
        context.load_cert_chain(certificate)
    return context


def _end(side: Side, context: ssl.SSLContext, session: ssl.SSLSession | None) -> _End:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    is_server = side is Side.SERVER
    tls = context.wrap_bio(
        incoming,
        outgoing,
        server_side=is_server,
        server_hostname=None if is_server else HOST,
        session=session,
    )
    return _End(side, tls, incoming, outgoing)


def _step_until_quiet(
    both: tuple[_End, _End], result: Talk, step: Callable[[_End], object]
) -> None:
    has_moved = True
    while has_moved:
        for end in both:
            if not end.is_done and end.side not in result.errors:
                end.is_done = _try(end, result, step)
        has_moved = _carry(both, result)


def _try(end: _End, result: Talk, step: Callable[[_End], object]) -> bool:
    try:
        step(end)
    except ssl.SSLWantReadError:
        return False
    except ssl.SSLError as error:
        result.errors[end.side] = error
        return False
    return True


def _carry(both: tuple[_End, _End], result: Talk) -> bool:
    """Carry what waits to the other side; whether there was anything."""
    has_moved = False
    for end, other in (both, both[::-1]):
        if data := end.outgoing.read():
            result.passed.append((end.side, data))
            other.incoming.write(data)
            has_moved = True
    return has_moved
