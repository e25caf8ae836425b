"""A download of an app package in words: what range of what, never its bytes."""

from __future__ import annotations

from mitmproxy import http
from mitmproxy.contentviews import Metadata

from mdmcore.inspector.artifact.kind_names import ArtifactKind
from mdmcore.inspector.artifact.kinds import kind_of
from mdmcore.inspector.shown import shown
from mdmcore.namespaces import HUB_MEDIA_TYPES
from mdmcore.rules.ranges import parse_content_range

PACKAGE_TYPES = frozenset(HUB_MEDIA_TYPES.values())
_PACKED_TYPES = frozenset({"application/octet-stream", "application/zip", ""})


def is_package(content_type: str, metadata: Metadata) -> bool:
    """Whether this is (part of) an app package: by its type, or the name it was asked under."""
    if content_type in PACKAGE_TYPES:
        return True
    if content_type not in _PACKED_TYPES or not isinstance(metadata.flow, http.HTTPFlow):
        return False
    if metadata.http_message is metadata.flow.request:
        return False
    path = metadata.flow.request.path.partition("?")[0].lower()
    return path.endswith(tuple(HUB_MEDIA_TYPES))


def describe_package(data: bytes, metadata: Metadata) -> str:
    """The name, the range that was asked and came, and what the bytes are; never raises."""
    lines = ["app package"]
    flow, message = metadata.flow, metadata.http_message
    if isinstance(flow, http.HTTPFlow):
        name = flow.request.path.partition("?")[0].rpartition("/")[2]
        lines.append(f"  name: {shown(name)}")
        lines.append(f"  asked: {shown(flow.request.headers.get('Range', 'all of it'))}")
    if isinstance(message, http.Response):
        lines.append(f"  status: {message.status_code}")
        lines.append(f"  came: {_came(message, len(data))}")
    lines.append(f"  media type: {shown(metadata.content_type or 'not told')}")
    lines.append(f"  bytes here: {len(data)}")
    is_archive = kind_of(data[:1024]) is ArtifactKind.ARCHIVE
    begins = "the beginning of an archive (ZIP)" if is_archive else "no beginning of an archive"
    lines.append(f"  these bytes are: {begins}; they are not shown")
    return "\n".join(lines)


def _came(response: http.Response, size: int) -> str:
    told = response.headers.get("Content-Range", "")
    if not told:
        return "all of it, or no range was told (no Content-Range)"
    found = parse_content_range(told)
    if found is None:
        return f"{shown(told)} (no valid Content-Range)"
    if found.length is not None and found.length != size:
        return f"{shown(told)}, which is {found.length} bytes, but {size} are here"
    return shown(told)
