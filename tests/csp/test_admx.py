"""An ADMX file as Windows ingests it."""

from __future__ import annotations

import pytest

from mdmcore.csp.admx import (
    ingested_policies,
    is_forbidden_key,
    is_policy_text,
    policy_keys,
    undefined_categories,
)
from mdmcore.xml import Element, parse_strict

ADMX = rb"""<policyDefinitions revision="1.0" schemaVersion="1.0">
  <policyNamespaces><target prefix="example" namespace="Example.Policies"/>
    <using prefix="windows" namespace="Microsoft.Policies.Windows"/></policyNamespaces>
  <categories><category name="Outer"/>
    <category name="Inner"><parentCategory ref="Outer"/></category></categories>
  <policies>
    <policy name="Deep" key="Software\Policies\Example"><parentCategory ref="Inner"/></policy>
    <policy name="Own" key="Software\Example"><parentCategory ref="example:Outer"/></policy>
    <policy name="Lost" key="Software\Example"><parentCategory ref="Nowhere"/></policy>
  </policies></policyDefinitions>"""


def root() -> Element:
    return parse_strict(ADMX)


def test_the_area_is_app_kind_and_the_chain_of_categories() -> None:
    assert list(ingested_policies(root(), app="Example", kind="Policy")) == [
        ("Example~Policy~Outer~Inner", "Deep"),
        ("Example~Policy~Outer", "Own"),
    ]


def test_a_loop_of_categories_ends() -> None:
    looped = parse_strict(
        ADMX.replace(b'"Outer"/>', b'"Outer"><parentCategory ref="Inner"/></category>', 1)
    )
    assert [name for _area, name in ingested_policies(looped, app="A", kind="Policy")]


def test_keys_and_missing_categories() -> None:
    assert policy_keys(root())[0] == r"Software\Policies\Example"
    assert undefined_categories(root()) == ("Nowhere",)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (r"System\CurrentControlSet", True),
        (r"SOFTWARE\Microsoft\Windows", True),
        (r"Software\Policies\Microsoft", True),
        (r"Software\Policies\Microsoft\Edge\Recommended", False),
        (r"Software\Policies\Example", False),
        (r"Systematic", False),
    ],
)
def test_forbidden_keys(key: str, expected: bool) -> None:
    assert is_forbidden_key(key) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<enabled/>", True),
        ('<Enabled></Enabled><data id="A" value="1"/>', True),
        ("<disabled />", True),
        ('<data id="A" value="1"/>', False),
        ("1", False),
        ("<enabled>", False),
        ("<enabled/><other/>", False),
    ],
)
def test_the_text_of_a_policy(text: str, expected: bool) -> None:
    assert is_policy_text(text) is expected
