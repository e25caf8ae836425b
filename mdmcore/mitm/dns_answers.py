"""Answering DNS for the emulated hosts, for phones whose DNS server is this computer.

They get our address and nothing is asked upstream; every other name is mitmproxy's to resolve. The
host of mitmproxy's own page is answered, too: there a phone gets the CA.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from mitmproxy import dns
from mitmproxy.net.dns import classes, op_codes, response_codes, types

from mdmcore.errors import ConfigError
from mdmcore.mitm.addresses import (
    Address,
    is_everywhere,
    of_same_version,
    outgoing_addresses,
    parse_address,
)

logger = logging.getLogger(__name__)

ONBOARDING_HOST = "mitm.it"
_TTL_S = 60
_VERSIONS = {types.A: (4,), types.AAAA: (6,), types.ANY: (4, 6)}
"""Types of questions, and the versions of addresses that answer them."""

_TYPES = {4: types.A, 6: types.AAAA}


def advertised_addresses(advertise: str, listen_host: str) -> tuple[Address, ...]:
    """What the emulated hosts shall resolve to: as asked for, else where we listen.

    Listening everywhere means the addresses of the interface that leads outside. Raises
    ConfigError when the text is no address, or when there is none.
    """
    if advertise:
        address = parse_address(advertise)
        if address is None or address.is_unspecified:
            raise ConfigError(f"{advertise!r} is no address to advertise: write it like 192.0.2.7")
        return (address,)
    if is_everywhere(listen_host):
        found = of_same_version(listen_host, outgoing_addresses())
    else:
        address = parse_address(listen_host)
        found = () if address is None else (address,)
    if not found:
        raise ConfigError("no address of this computer is known to devices: name one to advertise")
    return found


def answer_dns(
    flow: dns.DNSFlow,
    answers_for: Callable[[str], bool],
    addresses: Callable[[], Sequence[Address]],
) -> None:
    """Answer a live query for a host of ours; leave every other one alone.

    When ``addresses`` raises ConfigError the answer is a failure: our hosts are nobody else's.
    """
    message = flow.request
    if not flow.live or flow.response is not None or flow.error is not None or not message.query:
        return
    ours = [question for question in message.questions if _is_ours(question.name, answers_for)]
    if not ours:
        return
    if len(message.questions) != 1 or message.op_code != op_codes.QUERY:
        # No resolver sends such a thing; upstream it would tell of our hosts.
        flow.response = message.fail(response_codes.NOTIMP)
        return
    (question,) = ours
    try:
        records = _records(question, addresses()) if question.class_ == classes.IN else []
    except ConfigError as error:
        flow.response = message.fail(response_codes.SERVFAIL)
        logger.warning("mdm: DNS %s cannot be answered: %s", question.name[:200], error)
        return
    flow.response = message.succeed(records)
    logger.info(
        "mdm: DNS %s %s -> %s",
        types.to_str(question.type),
        question.name[:200],
        ", ".join(str(record) for record in records) or "no such record",
    )


def _is_ours(name: str, answers_for: Callable[[str], bool]) -> bool:
    host = name.lower().rstrip(".")
    return host == ONBOARDING_HOST or answers_for(host)


def _records(question: dns.Question, addresses: Sequence[Address]) -> list[dns.ResourceRecord]:
    versions = _VERSIONS.get(question.type, ())
    return [
        dns.ResourceRecord(
            name=question.name,
            type=_TYPES[address.version],
            class_=question.class_,
            ttl=_TTL_S,
            data=address.packed,
        )
        for address in addresses
        if address.version in versions
    ]
