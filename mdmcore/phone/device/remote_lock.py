"""RemoteLock: locking the device, with a new PIN that is shown once (RemoteLock CSP).

Without a PIN there is nothing to lock with (405). A new PIN can be read in the message that ordered
it, and once only; ``DeviceState.after_message`` forgets it.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from mdmcore.phone.device.policies import pin_length
from mdmcore.phone.tree.behaviour import Behaviour, Outcome, Target, Value, View

_LOCK = "Lock"
_WITH_NEW_PIN = ("LockAndResetPIN", "LockAndRecoverPIN")
_NEW_PIN = "NewPINValue"
_NO_PIN = 405


def _read(target: Target, view: View) -> Outcome:
    if target.name != _NEW_PIN:
        return Outcome()
    pin = view.device.new_pin
    return Outcome(content=pin, device=replace(view.device, new_pin=""))


def _execute(target: Target, value: Value | None, view: View) -> Outcome:
    device = view.device
    if not device.pin:
        return Outcome(code=_NO_PIN)
    if target.name == _LOCK:
        return Outcome(device=replace(device, is_locked=True))
    if target.name not in _WITH_NEW_PIN:
        return Outcome(code=_NO_PIN)
    pin = new_pin(view)
    return Outcome(device=replace(device, is_locked=True, pin=pin, new_pin=pin))


def new_pin(view: View) -> str:
    """A PIN of the length that the policies ask for."""
    length = pin_length(view.device)
    if view.random is not None:
        data = view.random(length)
    else:
        seed = f"{view.phone.settings.device_id}{view.now.isoformat()}"
        data = hashlib.shake_256(seed.encode()).digest(length)
    return "".join(str(byte % 10) for byte in data)


REMOTE_LOCK = Behaviour(csp="RemoteLock", read=_read, execute=_execute)
"""What RemoteLock does."""
