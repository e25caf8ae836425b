"""Every mistake that the emulated server can make on purpose, by the id of the rule that finds it.

Importing this package registers all faults, one module for each kind of answer.
"""

from __future__ import annotations

from mdmcore.server.faults import (
    account,
    certificates,
    challenges,
    commands,
    discovery,
    document,
    enrollment_http,
    forged_renewals,
    hmac_sessions,
    hub,
    hub_ranges,
    jobs,
    large_objects,
    leaving,
    policies,
    renewal,
    scep,
    schedule,
    server_proof,
    session,
    set_up,
    token,
    transport,
    untimely,
)
from mdmcore.server.faults.active import ActiveFault, ActiveFaults, parse_fault
from mdmcore.server.faults.below import TRANSPORT_FAULTS, Part, TransportFault
from mdmcore.server.faults.faulty import FaultyServer
from mdmcore.server.faults.model import FAULTS, Answered, Fault, Step, Tools

__all__ = [
    "FAULTS",
    "TRANSPORT_FAULTS",
    "ActiveFault",
    "ActiveFaults",
    "Answered",
    "Fault",
    "FaultyServer",
    "Part",
    "Step",
    "Tools",
    "TransportFault",
    "parse_fault",
]

FAULT_MODULES = (
    enrollment_http,
    discovery,
    policies,
    token,
    certificates,
    document,
    account,
    schedule,
    hub,
    hub_ranges,
    renewal,
    forged_renewals,
    session,
    server_proof,
    challenges,
    hmac_sessions,
    transport,
    commands,
    large_objects,
    jobs,
    set_up,
    leaving,
    scep,
    untimely,
)
"""Every module that registers faults."""
