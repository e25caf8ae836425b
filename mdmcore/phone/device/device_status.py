"""DeviceStatus: whether the device is encrypted."""

from __future__ import annotations

from collections.abc import Mapping

from mdmcore.phone.tree.behaviour import Behaviour, Content, Path, View


def _facts(view: View) -> Mapping[Path, Content]:
    is_encrypted = view.device.is_encrypted
    return {("Compliance", "EncryptionCompliance"): "1" if is_encrypted else "0"}


DEVICE_STATUS = Behaviour(csp="DeviceStatus", facts=_facts)
"""What DeviceStatus does."""
