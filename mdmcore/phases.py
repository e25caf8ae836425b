"""The phases of a device's life, by which the catalogue of rules is grouped.

A module of its own: the help of a command names them, and need not wait for the catalogue. Source:
rules.md.
"""

from __future__ import annotations

PHASES = (
    "tls-http",
    "discovery-wab-policy",
    "enrollment-certificate",
    "provisioning",
    "schedule",
    "session",
    "authentication",
    "transport-dm",
    "commands-csp",
    "hub",
    "aet",
    "renewal",
    "unenrollment",
    "capture-tool",
    "observed",
)
"""The groups of the catalogue in the order of a device's life; ``observed`` holds symptoms that
are seen as such: an answer that refuses."""
