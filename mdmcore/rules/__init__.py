"""The rules: a catalogue of every known mistake, and a function for each one we can see.

Importing this package registers all rule functions, one module for each phase.
"""

from __future__ import annotations

from mdmcore.rules import (
    aet,
    appauth,
    authentication,
    criteria,
    discovery,
    discovery_answer,
    enrollment_certificate,
    hub,
    observed,
    poll,
    provisioning,
    provisioning_account,
    provisioning_certificates,
    provisioning_settings,
    renewal,
    renewal_answer,
    schedule,
    session,
    tls_http,
    transport_dm,
    unenrollment,
)
from mdmcore.rules.catalogue import PHASES, CatalogueEntry, catalogue, entry, resolve
from mdmcore.rules.model import (
    DEFAULT_PROFILE,
    MAX_PLACES,
    PROFILES,
    Finding,
    Hit,
    Place,
    Severity,
)
from mdmcore.rules.registry import RULES, Rule, rule, run_rules

__all__ = [
    "DEFAULT_PROFILE",
    "MAX_PLACES",
    "PHASES",
    "PROFILES",
    "RULES",
    "CatalogueEntry",
    "Finding",
    "Hit",
    "Place",
    "Rule",
    "Severity",
    "catalogue",
    "entry",
    "resolve",
    "rule",
    "run_rules",
]

RULE_MODULES = (
    tls_http,
    discovery,
    discovery_answer,
    enrollment_certificate,
    provisioning,
    provisioning_certificates,
    provisioning_account,
    appauth,
    provisioning_settings,
    criteria,
    schedule,
    poll,
    session,
    authentication,
    transport_dm,
    hub,
    aet,
    renewal,
    renewal_answer,
    unenrollment,
    observed,
)
