"""Every message cut at every byte: a clear error, or (lenient) a value; nothing else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from mdmcore.enrollment import (
    app_management,
    certificates,
    dm_client,
    key_containers,
    parse_aetx,
    parse_discover,
    parse_discover_response,
    parse_envelope,
    parse_fault,
    parse_get_policies_response,
    parse_provisioning,
    parse_rst,
    parse_rstrc,
    poll_schedules,
    renewal_settings,
    retry_schedule,
    retry_schedules,
    serialize_aet,
    serialize_aetx,
    serialize_rstrc,
    unknown_stores,
    uri_texts,
    w7_account,
)
from mdmcore.errors import MdmError, XmlError
from mdmcore.xml import parse_lenient
from tests.enrollment.samples import CREATED, EXPIRES, messages


def _fault(data: bytes, *, strict: bool = True) -> object:
    return parse_fault(parse_envelope(data, strict=strict))


def _provisioning(data: bytes, *, strict: bool = True) -> object:
    found = parse_provisioning(data, strict=strict)
    read = (
        w7_account,
        certificates,
        retry_schedule,
        retry_schedules,
        poll_schedules,
        dm_client,
        app_management,
    )
    others = [key_containers(found), renewal_settings(found), list(unknown_stores(found))]
    return [view(found, ignore_case=not strict) for view in read] + others


def _aetx(data: bytes, *, strict: bool = True) -> object:
    return parse_aetx(data)


PARSERS: dict[str, Callable[..., object]] = {
    "discover": parse_discover,
    "discover response": parse_discover_response,
    "policies": parse_envelope,
    "policies response": parse_get_policies_response,
    "rst": parse_rst,
    "rstrc": parse_rstrc,
    "fault": _fault,
    "provisioning": _provisioning,
    "aetx": _aetx,
}


def _message(kind: str) -> bytes:
    if kind == "aetx":
        return serialize_aetx("4000000001", serialize_aet("4000000001"))
    if kind == "rstrc":  # a short token will do
        return serialize_rstrc(b"<x/>", relates_to="1", created=CREATED, expires=EXPIRES)
    return messages()[kind]


SLOW = {"provisioning", "policies response"}


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=[pytest.mark.slow] * (kind in SLOW)) for kind in PARSERS]
)
def test_truncation_at_each_byte(kind: str) -> None:
    data = _message(kind)
    for end in range(len(data)):
        with pytest.raises(XmlError):
            PARSERS[kind](data[:end])
        with suppress(MdmError):
            PARSERS[kind](data[:end], strict=False)
        with suppress(XmlError):
            list(uri_texts(parse_lenient(data[:end]).root))
