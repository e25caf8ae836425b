"""The rules: a catalogue of every known mistake, and a function for each one we can see.

Importing this package registers all rule functions, one module for each phase.
"""

from __future__ import annotations

from mdmcore.rules import (
    authentication,
    certificate_dates,
    criteria,
    discovery,
    discovery_answer,
    endpoints,
    enrollment_certificate,
    http_answers,
    hub,
    observed,
    policies,
    provisioning,
    renewal,
    renewal_exchange,
    rstrc,
    schedule,
    session,
    soap_action,
    soap_fault,
    tls_certificate,
    tls_http,
    transport_dm,
    wab,
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
    criteria,
    schedule,
    session,
    authentication,
    transport_dm,
    hub,
    renewal,
    observed,
    http_answers,
    endpoints,
    tls_certificate,
    soap_action,
    soap_fault,
    wab,
    policies,
    rstrc,
    certificate_dates,
    renewal_exchange,
)
