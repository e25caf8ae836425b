"""The files that the examples of the recipes name."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from mdmcore.enrollment.aetx import serialize_aet, serialize_aetx
from tests.support import authorities
from tests.support.recipes import ENTERPRISE

ADMX = """<policyDefinitions xmlns="http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions"
 revision="1.0" schemaVersion="1.0">
 <policyNamespaces><target prefix="example" namespace="Example.Policies"/></policyNamespaces>
 <resources minRequiredRevision="1.0"/>
 <categories><category name="ExampleCategory" displayName="Example"/></categories>
 <policies>
  <policy name="ExamplePolicy" class="Machine" displayName="Example" key="Software\\Example">
   <parentCategory ref="ExampleCategory"/><supportedOn ref="any"/>
  </policy>
 </policies>
</policyDefinitions>"""


@pytest.fixture(scope="session")
def root_der() -> bytes:
    """A CA certificate."""
    return authorities.root()


@pytest.fixture(scope="session")
def recipe_files(root_der: bytes) -> Mapping[str, bytes]:
    """The content of each file by the name that an example has for it."""
    return {
        "root.cer": root_der,
        "client.pfx": b"\x30\x03\x02\x01\x03",
        "enterprise.aetx": serialize_aetx(ENTERPRISE, serialize_aet(ENTERPRISE)),
        "example.admx": ADMX.encode(),
        "applocker.xml": b'<RuleCollection Type="Exe" EnforcementMode="Enabled"/>',
    }
