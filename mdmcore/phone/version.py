"""The two versions of OMA DM that a device speaks (session.md 1.1; W7, STRUCT)."""

from __future__ import annotations

from dataclasses import dataclass

from mdmcore.namespaces import SYNCML_11, SYNCML_12


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """VerDTD and VerProto of a message, and the namespace of its elements."""

    dtd: str
    proto: str
    namespace: str


DM_12 = Version(dtd="1.2", proto="DM/1.2", namespace=SYNCML_12)
DM_11 = Version(dtd="1.1", proto="DM/1.1", namespace=SYNCML_11)
