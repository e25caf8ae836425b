"""The order of children in SyncML elements: SyncML RepPro 1.2 and MetInf 1.2 DTDs.

Results has no Cmd in the DTD, but MS-MDM 2.2.7.8 has it behind CmdRef.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_COMMAND = "CmdID NoResp Cred Meta Item"

CHILD_ORDER: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        name: tuple(order.split())
        for name, order in {
            "SyncML": "SyncHdr SyncBody",
            "SyncHdr": ("VerDTD VerProto SessionID MsgID Target Source RespURI NoResp Cred Meta"),
            "Target": "LocURI LocName Filter",
            "Source": "LocURI LocName",
            "Status": "CmdID MsgRef CmdRef Cmd TargetRef SourceRef Cred Chal Data Item",
            "Results": "CmdID MsgRef CmdRef Cmd Meta TargetRef SourceRef Item",
            "Alert": "CmdID NoResp Cred Data Correlator Item",
            "Add": _COMMAND,
            "Replace": _COMMAND,
            "Delete": "CmdID NoResp Archive SftDel Cred Meta Item",
            "Copy": _COMMAND,
            "Get": "CmdID NoResp Lang Cred Meta Item",
            "Exec": "CmdID NoResp Cred Meta Correlator Item",
            "Item": "Target Source SourceParent TargetParent Meta Data MoreData",
            "Cred": "Meta Data",
            "Meta": (
                "MetInf Format Type Mark Size Anchor Version NextNonce MaxMsgSize MaxObjSize EMI "
                "Mem FieldLevel"
            ),
        }.items()
    }
)
"""The names in their order; commands in containers and in SyncBody have none."""
