"""Letting large packages of a foreign server through without holding them.

mitmproxy holds a body until it is whole. A package of the Company Hub may have hundreds of
megabytes, and the device waits meanwhile; so such an answer passes block by block, unchanged, and
only what the rules need is gathered: how long it is, how it begins, digests of its blocks.

Whether the answer is a package is decided by others; here is decided, by its head, whether it is to
stream, and what is noted of it afterwards. Small packages stay whole in the recording, as all that
must be decoded does.
"""

from __future__ import annotations

from collections.abc import Iterable
from weakref import ref

from mitmproxy import http
from mitmproxy.net.http.http1 import expected_http_body_size

from mdmcore.capture.flows import exchange_from_flow
from mdmcore.mitm.annotate import note_passed
from mdmcore.mitm.guard import guarded
from mdmcore.passed_body import BodyMeter
from mdmcore.rules.package_seen import start_of

HELD_BYTES = 1024 * 1024
"""Answers up to this length are held and kept, as mitmproxy does."""

_PACKAGES = frozenset({200, 206})


class PackageStream:
    """What mitmproxy calls with each block of one answer, and with none at its end.

    ``holds``: the length was not announced. Then up to 1 MiB is held back, so that a small answer
    goes out, and stays in the flow, as if it had not streamed.
    """

    def __init__(self, response: http.Response, start: int | None, *, holds: bool) -> None:
        self.meter = BodyMeter(start)
        self._response = ref(response)  # the response has us
        self._held: list[bytes] | None = [] if holds else None
        self._held_bytes = 0
        self._count = guarded(self.meter.take)

    def __call__(self, data: bytes) -> Iterable[bytes]:
        """The blocks to send now; none is empty, which would end a chunked answer."""
        self._count(data)
        if self._held is None:
            if data:
                self._keep(None)  # what seemed to be the end was none
            return (data,) if data else ()
        self._held.append(data)
        self._held_bytes += len(data)
        if data and self._held_bytes <= HELD_BYTES:
            return ()
        held, self._held = b"".join(self._held), None
        if not data:
            self._keep(held)
        return (held,) if held else ()

    def _keep(self, content: bytes | None) -> None:
        response = self._response()
        if response is not None:
            response.data.content = content


def may_stream(flow: http.HTTPFlow) -> bool:
    """Whether an answer, if it is a package, is to stream: by its head it is large or may be, and
    is no message. An answer that streams already is to be counted."""
    response = flow.response
    if response is None or not flow.live or flow.error is not None or callable(response.stream):
        return False
    if flow.request.method != "GET" or response.status_code not in _PACKAGES:
        return False
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type.endswith("xml"):  # SOAP, SyncML, its WBXML, provisioning
        return False
    return response.stream is True or _is_large(_announced(flow))


def let_pass(flow: http.HTTPFlow) -> None:
    """Let the answer stream, and count it. Its head only may be there."""
    response = flow.response
    assert response is not None
    head = exchange_from_flow(flow, id="", index=0, capture="").response
    assert head is not None
    holds = response.stream is not True and _announced(flow) is None
    response.stream = PackageStream(response, start_of(head), holds=holds)


def note_what_passed(flow: http.HTTPFlow) -> None:
    """Note what is known of a body that streamed, now that it is whole or was broken off."""
    response = flow.response
    stream = response.stream if response is not None else None
    if response is not None and isinstance(stream, PackageStream) and response.raw_content is None:
        note_passed(flow, stream.meter.passed(is_whole=flow.error is None))


def _is_large(length: int | None) -> bool:
    return length is None or length > HELD_BYTES


def _announced(flow: http.HTTPFlow) -> int | None:
    """How long the body is going to be; ``None`` where that is not said."""
    try:
        length = expected_http_body_size(flow.request, flow.response)
    except ValueError:  # mitmproxy refuses such an answer itself
        return 0
    return None if length is None or length < 0 else length
