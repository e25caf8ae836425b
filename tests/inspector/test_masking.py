"""Secrets are masked unless they shall be shown."""

from __future__ import annotations

import pytest

from mdmcore.inspector.masking import Mask


@pytest.mark.parametrize("name", ["AAUTHSECRET", "AAUTHDATA", "EnrollmentToken"])
def test_secret_parms(name: str) -> None:
    assert Mask().parm(name, "x") == "***"
    assert Mask(show_secrets=True).parm(name, "x") == "x"


@pytest.mark.parametrize(
    "uri",
    [
        "./SyncML/DMAcc/x/AppAuth/CLCRED/AAuthSecret",
        "./Vendor/MSFT/RemoteLock/NewPINValue",
        "./Vendor/MSFT/ActiveSync/Accounts/g/Password?prop=x",
    ],
)
def test_secret_nodes(uri: str) -> None:
    assert Mask().node(uri, "x") == "***"


def test_other_values_stay() -> None:
    assert Mask().parm("ADDR", "x") == "x"
    assert Mask().node("./DevInfo/Man", "NOKIA") == "NOKIA"
    assert Mask().secret(None) is None
    assert Mask().secret("") == ""
