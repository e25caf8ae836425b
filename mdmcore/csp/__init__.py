"""The catalogue of CSP nodes as data: recipes, rules and the simulated phone read the same one.

Sources: session.md section 7 and the CSP pages that each entry names.
"""

from __future__ import annotations

from mdmcore.csp.catalogue import csps, find_csp, find_node, nodes
from mdmcore.csp.check import command_problem, format_problem, limits, value_problem
from mdmcore.csp.model import Access, Csp, CspNode, Job, Payload
from mdmcore.csp.uri import LocUri, encode_segment, join_uri, parse_uri

__all__ = [
    "Access",
    "Csp",
    "CspNode",
    "Job",
    "LocUri",
    "Payload",
    "command_problem",
    "csps",
    "encode_segment",
    "find_csp",
    "find_node",
    "format_problem",
    "join_uri",
    "limits",
    "nodes",
    "parse_uri",
    "value_problem",
]
