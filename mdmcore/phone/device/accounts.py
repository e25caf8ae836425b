"""ActiveSync and EMAIL2: accounts named by a GUID in braces.

Adding an account whose GUID is taken deletes the old one and makes none (ActiveSync CSP). That what
the same message says of it afterwards is not found is [U].
"""

from __future__ import annotations

import re
from dataclasses import replace

from mdmcore.phone.tree.behaviour import Behaviour, Outcome, Path, Target, Value, View

_GUID = re.compile(r"\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}\Z")
_REFUSED, _GONE = Outcome(code=500), Outcome(code=404)


def _write_named(target: Target, account: str) -> Outcome:
    """A new account must be named by a GUID; the code is [U]."""
    return Outcome() if target.name != account or _GUID.match(account) else _REFUSED


def _write_email(target: Target, value: Value, view: View) -> Outcome:
    return _write_named(target, target.path[0]) if len(target.path) == 1 else Outcome()


def _account(target: Target) -> Path | None:
    """The node of the account at or above the target."""
    return target.path[:2] if target.path[:1] == ("Accounts",) and len(target.path) > 1 else None


def _write_sync(target: Target, value: Value, view: View) -> Outcome:
    account = _account(target)
    if account is None:
        return Outcome()
    if account[1].upper() in view.device.dead_accounts:
        return _GONE
    return _write_named(target, account[1]) if target.path == account else Outcome()


def _collide(target: Target, view: View) -> Outcome:
    account = _account(target)
    if account is None:
        return Outcome(code=418)
    dead = view.device.dead_accounts | {account[1].upper()}
    return Outcome(removed=(account,), device=replace(view.device, dead_accounts=dead))


ACTIVE_SYNC = Behaviour(csp="ActiveSync", write=_write_sync, collide=_collide)
"""What ActiveSync does."""

EMAIL = Behaviour(csp="EMAIL2", write=_write_email)
"""What EMAIL2 does."""
