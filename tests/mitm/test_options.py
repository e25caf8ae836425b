"""The options: declared with their defaults, read from mitmproxy where somebody set them."""

from __future__ import annotations

import pytest
from mitmproxy.options import Options

from mdmcore.mitm.options import (
    OPTION_NAMES,
    MdmOptions,
    declare_options,
    options_from,
    read_options,
)


@pytest.fixture
def options() -> Options:
    """mitmproxy's own, with ours declared."""
    found = Options()
    declare_options(found)  # the manager has the loader's method
    return found


def test_the_options_of_the_design_are_declared_with_their_defaults(options: Options) -> None:
    assert {
        "mdm_domains",
        "mdm_users",
        "mdm_accounts",
        "mdm_state",
        "mdm_hub",
        "mdm_aetx",
        "mdm_profile",
        "mdm_advertise",
        "mdm_pass_client_tls",
        "mdm_forward_client_cert",
        "mdm_names",
        "mdm_client_tls",
        "mdm_record",
        "mdm_config",
        "mdm_auth_policies",
        "mdm_key_length",
        "mdm_hash",
        "mdm_ca",
        "mdm_ca_password_file",
        "mdm_faults",
        "mdm_subject",
        "mdm_secrets",
        "mdm_disable",
        "mdm_severity",
    } == OPTION_NAMES
    assert options.mdm_domains == ["example.test"]
    assert (options.mdm_key_length, options.mdm_hash) == (2048, "sha1")
    assert options.mdm_subject == "CN={guid}"


def test_what_nobody_set_is_not_given(options: Options) -> None:
    assert read_options(options) == MdmOptions()


def test_values_are_read(options: Options) -> None:
    options.update(
        mdm_domains=["a.test", "b.test"],
        mdm_profile="wp81",
        mdm_record="x.mitm",
        mdm_key_length=3072,
        mdm_client_tls=True,
    )
    assert read_options(options) == MdmOptions(
        domains=("a.test", "b.test"),
        profile="wp81",
        record="x.mitm",
        key_length=3072,
        client_tls=True,
    )


def test_a_default_that_somebody_set_is_given(options: Options) -> None:
    options.update(mdm_domains=["example.test"], mdm_hub="")
    assert read_options(options) == MdmOptions(domains=("example.test",), hub="")


def test_options_by_name() -> None:
    found = options_from({"mdm_config": "a.toml", "mdm_ca": ["x.pem"], "mdm_key_length": 4096})
    assert found == MdmOptions(config="a.toml", ca=("x.pem",), key_length=4096)
