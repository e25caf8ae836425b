"""CSPs whose values are documents: WiFi, VPNv2, AppLocker, BitLocker's policies.

What a device cannot read it refuses; what it has read it gives back as it writes it itself.
"""

from __future__ import annotations

from dataclasses import replace

from mdmcore.csp.model import Payload
from mdmcore.phone.device.payload import document, payload_code, rewritten
from mdmcore.phone.tree.behaviour import Behaviour, Outcome, Target, Value, View
from mdmcore.xml import child, text_of

_REWRITTEN = frozenset({Payload.WLAN_PROFILE, Payload.VPN_PROFILE})
_REFUSED = Outcome(code=500)


def _write(target: Target, value: Value, view: View) -> Outcome:
    code = payload_code(target.node, value)
    if code >= 400:
        return Outcome(code=code)
    if target.node.payload in _REWRITTEN:
        return Outcome(content=rewritten(value.text))
    return Outcome()


def _write_wlan(target: Target, value: Value, view: View) -> Outcome:
    """A profile with another name than its node is refused (memdocs #1164)."""
    found = target.match("Profile", "*", "WlanXml")
    outcome = _write(target, value, view)
    if found is None or outcome.code >= 400:
        return outcome
    root = document(value.text)
    return outcome if root is not None and text_of(child(root, "name")) == found[0] else _REFUSED


def _write_bitlocker(target: Target, value: Value, view: View) -> Outcome:
    outcome = _write(target, value, view)
    encrypts = target.name in _ENCRYPTING and value.text == "1" and outcome.code < 400
    return replace(outcome, device=replace(view.device, is_encrypted=True)) if encrypts else outcome


def _rotate(target: Target, value: Value | None, view: View) -> Outcome:
    if target.name != "RotateRecoveryPasswords":
        return Outcome(code=405)
    request = "" if value is None else value.text
    return Outcome(code=202, device=replace(view.device, recovery_rotation=request))


def _read_bitlocker(target: Target, view: View) -> Outcome:
    if target.name == "RotateRecoveryPasswordsRequestID":
        return Outcome(content=view.device.recovery_rotation)
    return Outcome()


_ENCRYPTING = frozenset({"RequireDeviceEncryption", "RequireStorageCardEncryption"})

WIFI = Behaviour(csp="WiFi", write=_write_wlan)
"""What WiFi does."""

VPN_V2 = Behaviour(csp="VPNv2", write=_write)
"""What VPNv2 does."""

APP_LOCKER = Behaviour(csp="AppLocker", write=_write)
"""What AppLocker does."""

BITLOCKER = Behaviour(
    csp="BitLocker", read=_read_bitlocker, write=_write_bitlocker, execute=_rotate
)
"""What BitLocker does; passwords are rotated at once."""
