"""ClientCertificateInstall: certificates by SCEP. A PKCS#12 is kept, but not opened."""

from __future__ import annotations

from collections.abc import Mapping

from mdmcore.phone.device import scep
from mdmcore.phone.device.work import WorkKind
from mdmcore.phone.tree.behaviour import Behaviour, Content, Outcome, Path, Target, Value, View

_KIND = WorkKind.CLIENT_SCEP


def _facts(view: View) -> Mapping[Path, Content]:
    return scep.facts(view, _KIND)


def _user_facts(view: View) -> Mapping[Path, Content]:
    return scep.facts(view, _KIND, "user")


def _delete(target: Target, view: View) -> Outcome:
    return scep.delete(target, view, _KIND)


def _execute(target: Target, value: Value | None, view: View) -> Outcome:
    return scep.enroll(target, view, _KIND) if target.name == "Enroll" else Outcome(code=405)


CLIENT_CERTIFICATES = Behaviour(
    csp=_KIND.value, facts=_facts, user_facts=_user_facts, delete=_delete, execute=_execute
)
"""What ClientCertificateInstall does."""
