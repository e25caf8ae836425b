"""The code pages of SyncML, MetInf, DM tree descriptions and DevInf: tag names by token.

Sources: SyncML RepPro 1.2, MetInf 1.2, OMA TND 1.2.1 section 8.6, DevInf 1.1 and 1.2; wbxml.md
sections 5 to 7. None of them has attribute tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from mdmcore.syncml.wbxml.tokens import FIRST_TAG

type Tags = Mapping[int, str]
"""Names by token, without the flag bits. Names are compared with case (Node, node)."""

_NONE = "-"
"""Stands for a token that is reserved."""


def _tags(names: str) -> Tags:
    """The names in the order of their tokens, which begin at FIRST_TAG."""
    numbered = enumerate(names.split(), start=FIRST_TAG)
    return MappingProxyType({token: name for token, name in numbered if name != _NONE})


SYNCML_TAGS = _tags(
    """
    Add Alert Archive Atomic Chal Cmd CmdID CmdRef Copy Cred Data Delete Exec Final Get Item Lang
    LocName LocURI Map MapItem Meta MsgID MsgRef NoResp NoResults Put Replace RespURI Results Search
    Sequence SessionID SftDel Source SourceRef Status Sync SyncBody SyncHdr SyncML Target TargetRef
    - VerDTD VerProto NumberOfChanges MoreData Field Filter Record FilterType SourceParent
    TargetParent Move Correlator
    """
)
"""Tokens never changed from 1.0 to 1.2, so one table serves all."""

METINF_TAGS = _tags(
    """
    Anchor EMI Format FreeID FreeMem Last Mark MaxMsgSize Mem MetInf Next NextNonce SharedMem Size
    Type Version MaxObjSize FieldLevel
    """
)

DMDDF_TAGS = _tags(
    """
    AccessType ACL Add b64 bin bool chr CaseSense CIS Copy CS date DDFName DefaultValue Delete
    Description DFFormat DFProperties DFTitle DFType Dynamic Exec float Format Get int Man MgmtTree
    MIME Mod Name Node node NodeName null Occurrence One OneOrMore OneOrN Path Permanent Replace
    RTProperties Scope Size time Title TStamp Type Value VerDTD VerNo xml ZeroOrMore ZeroOrN
    ZeroOrOne
    """
)

_DEVINF = """
    CTCap CTType DataStore DataType DevID DevInf DevTyp DisplayName DSMem Ext FwV HwV Man
    MaxGUIDSize MaxID MaxMem Mod OEM ParamName PropName Rx Rx-Pref SharedMem {size} SourceRef SwV
    SyncCap SyncType Tx Tx-Pref ValEnum VerCT VerDTD XNam XVal UTC SupportNumberOfChanges
    SupportLargeObjs
    """

DEVINF_11_TAGS = _tags(_DEVINF.format(size="Size"))
DEVINF_12_TAGS = _tags(
    _DEVINF.format(size="MaxSize")
    + """
    Property PropParam MaxOccur NoTruncate - Filter-Rx FilterCap FilterKeyword FieldLevel
    SupportHierarchicalSync
    """
)
