"""The order of SyncML's children (SyncML RepPro 1.2 DTD; session.md 1.1, section 2).

Only a careful device looks at it.
"""

from __future__ import annotations

from mdmcore.phone.refusal import Refusal, Step
from mdmcore.xml import Element, children, iter_elements, local_name, path_of

_COMMAND = "CmdID NoResp Cred Meta Item"
_ORDERS = {
    "SyncML": "SyncHdr SyncBody",
    "SyncHdr": ("VerDTD VerProto SessionID MsgID Target Source RespURI NoResp Cred Meta"),
    "Status": "CmdID MsgRef CmdRef Cmd TargetRef SourceRef Cred Chal Data Item",
    "Alert": "CmdID NoResp Cred Data Correlator Item",
    "Add": _COMMAND,
    "Replace": _COMMAND,
    "Delete": _COMMAND,
    "Copy": _COMMAND,
    "Get": _COMMAND,
    "Exec": "CmdID NoResp Cred Meta Correlator Item",
    "Item": "Target Source SourceParent TargetParent Meta Data MoreData",
    "Cred": "Meta Data",
}


def check_order(root: Element) -> None:
    """Refusal at the first element whose children are out of order."""
    for element in iter_elements(root):
        order = _ORDERS.get(local_name(element), "").split()
        names = [local_name(part) for part in children(element)]
        places = [order.index(name) for name in names if name in order]
        if places != sorted(places):
            raise Refusal(
                "children are out of the order of the DTD",
                step=Step.MANAGEMENT,
                place=path_of(element),
                evidence=", ".join(names)[:200],
            )
