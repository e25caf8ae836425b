"""Options on legs: kept while they do not change, refused when they cannot be."""

from __future__ import annotations

import pytest

from mdmcore.errors import ConfigError
from mdmcore.mitm.legs import Legs, legs_for
from mdmcore.mitm.options import MdmOptions

WANTED = MdmOptions(
    pass_client_tls=("mdm.acme.test",), names=("*.acme.test",), forward_client_cert="X-Cert"
)


def test_nothing_wanted_is_nothing() -> None:
    legs = legs_for(MdmOptions(), Legs())
    assert not legs.untouched
    assert not legs.names
    assert legs.forwarding is None


def test_the_same_is_kept() -> None:
    legs = legs_for(WANTED, Legs())
    assert "mdm.acme.test" in legs.untouched
    assert "enterpriseenrollment.acme.test" in legs.names
    assert legs_for(WANTED, legs) is legs
    assert legs_for(MdmOptions(), legs).forwarding is None


@pytest.mark.parametrize(
    "options",
    [
        MdmOptions(pass_client_tls=("https://x",)),
        MdmOptions(names=("a b",)),
        MdmOptions(forward_client_cert="a b"),
    ],
)
def test_what_cannot_be_names_its_option(options: MdmOptions) -> None:
    with pytest.raises(ConfigError, match=r"^mdm_(pass_client_tls|names|forward_client_cert) "):
        legs_for(options, Legs())
