"""The passes that follow connections: in batches, so that tshark's memory stays small.

tshark prints what it followed without saying which connection it is, the last one asked for first;
both ends and the frame of the first bytes tell whether that is still so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mdmcore.capture.pcap.follow import Document, documents
from mdmcore.capture.pcap.streams import Stream
from mdmcore.errors import CaptureError

_BATCH_BYTES = 64 * 1024 * 1024
_BATCH_STREAMS = 200


def batches(streams: Iterable[Stream]) -> Iterator[list[Stream]]:
    """The connections in their order, so many at a time as one run may follow."""
    batch: list[Stream] = []
    size = 0
    for stream in streams:
        if batch and (size + stream.size > _BATCH_BYTES or len(batch) == _BATCH_STREAMS):
            yield batch
            batch, size = [], 0
        batch.append(stream)
        size += stream.size
    if batch:
        yield batch


def follow_arguments(batch: Sequence[Stream]) -> list[str]:
    """What tshark is asked for."""
    return ["-q", *(part for one in batch for part in _taps(one))]


def _taps(stream: Stream) -> Iterator[str]:
    kinds = ("tcp", "tls") if stream.has_tls else ("tcp",)
    for kind in kinds:
        yield "-z"
        yield f"follow,{kind},yaml,{stream.number}"


def followed(
    batch: Sequence[Stream], lines: Iterable[bytes]
) -> Iterator[tuple[Stream, Document, Document]]:
    """Each connection with the bytes of TCP and those decrypted of TLS, whose peers are the
    connection's ends. Raises CaptureError where they are printed in an order that is not known."""
    found = documents(lines)
    waiting = list(reversed(batch))
    first = next(found, None)
    if first is None:
        return
    is_reversed = True
    if (not waiting[0].has_tls and len(batch) > 1 and not _fits(first, waiting[0])) or (
        waiting[0].has_tls and _is_of(first, batch[0]) and not _is_of(first, waiting[0])
    ):
        is_reversed = False
    order = waiting if is_reversed else list(batch)
    rest = _chained(first, found)
    for stream in order:
        pair = _pair(stream, rest, tls_first=is_reversed)
        if pair is None:
            return
        raw, inside = pair
        if raw.pieces and not _fits(raw, stream):
            raise CaptureError("this tshark prints connections in an order that is not known")
        yield stream, _by_ends(raw, stream), _inside_by_ends(inside, stream)


def _chained(first: Document, rest: Iterator[Document]) -> Iterator[Document]:
    yield first
    yield from rest


def _pair(
    stream: Stream, found: Iterator[Document], *, tls_first: bool
) -> tuple[Document, Document] | None:
    """Both documents of one connection; ``None`` where the output ends."""
    taken = []
    for _ in range(2 if stream.has_tls else 1):
        one = next(found, None)
        if one is None:
            return None
        taken.append(one)
    if len(taken) == 1:
        return taken[0], Document()
    return (taken[1], taken[0]) if tls_first else (taken[0], taken[1])


def _fits(raw: Document, stream: Stream) -> bool:
    """Whether bytes of TCP are those of that connection."""
    return _is_of(raw, stream) and set(raw.peers) == set(stream.ends)


def _is_of(document: Document, stream: Stream) -> bool:
    frame = next((piece.frame for piece in document.pieces if piece.frame), 0)
    if frame and not stream.first_frame <= frame <= stream.last_frame:
        return False
    known = {peer for peer in document.peers if peer[0]}
    return known <= set(stream.ends)


def _by_ends(raw: Document, stream: Stream) -> Document:
    """With the peers of each piece as ends of the connection."""
    if not raw.peers or raw.peers[0] == stream.ends[0]:
        return raw
    return raw.turned()


def _inside_by_ends(inside: Document, stream: Stream) -> Document:
    """The same for what was decrypted: its first peer alone is told."""
    if not inside.pieces:
        return inside
    first = inside.peers[0] if inside.peers else ("", 0)
    return inside if first == stream.ends[0] else inside.turned()
