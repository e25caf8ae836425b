"""Random sequences of commands against a plain dict that keeps the same rules."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mdmcore.phone.tree import DeviceTree
from tests.phone.tree.trees import phone_of

pytestmark = pytest.mark.slow

ROOT = "./Vendor/MSFT"
NAMES = ("A", "B%20b", "C%7D")

# Written by hand from the pages of the CSPs: below ActiveSync/Accounts everything can be added,
# read, replaced and deleted; of DeviceLock only the provider's node can be deleted.
INTERIOR = "node"
RULES: dict[str, tuple[str, str, tuple[str, ...]]] = {}
for _name in NAMES:
    _base = f"ActiveSync/Accounts/{_name}"
    RULES[_base] = (INTERIOR, "AGRD", ())
    RULES[f"{_base}/UserName"] = ("chr", "AGRD", ("", "x", "ä & <b>"))
    RULES[f"{_base}/Options"] = (INTERIOR, "AGRD", ())
    RULES[f"{_base}/Options/UseSSL"] = ("chr", "AGRD", ("0", "1"))
RULES["DeviceLock/Provider/ExampleMDM"] = (INTERIOR, "AGD", ())
RULES["DeviceLock/Provider/ExampleMDM/MinDevicePasswordLength"] = ("int", "AGR", ("4", "18"))
RULES["DeviceLock/Provider/ExampleMDM/DevicePasswordEnabled"] = ("int", "AGR", ("0", "1"))

PATHS = st.sampled_from(list(RULES))
WRONG = ("3", "19", "2", "words")


def parents(path: str) -> list[str]:
    """The nodes above a path that are in the rules."""
    parts = path.split("/")
    above = ("/".join(parts[:length]) for length in range(1, len(parts)))
    return [each for each in above if each in RULES]


class Model(RuleBasedStateMachine):
    """``nodes`` is the reference: the value of each node, ``None`` for an interior node."""

    def __init__(self) -> None:
        super().__init__()
        self.phone = phone_of("wp81")
        self.tree = DeviceTree(self.phone)
        self.nodes: dict[str, str | None] = {}
        self.saved: tuple[Any, dict[str, str | None]] | None = None

    @initialize()
    def begin(self) -> None:
        assert self.tree.get(f"{ROOT}/ActiveSync/Accounts").value == ""

    def value_for(self, path: str, data: st.DataObject) -> tuple[str | None, str, int]:
        """A value, its format, and the code that it gets of itself."""
        format, _access, values = RULES[path]
        if format == INTERIOR:
            return None, INTERIOR, 200
        kind = data.draw(st.sampled_from(("good", "good", "good", "format", "value", "none")))
        if kind == "good":
            return data.draw(st.sampled_from(values)), format, 200
        if kind == "format":
            return values[0], "bool", 415
        if kind == "none":
            return None, format, 412
        bad = [wrong for wrong in WRONG if wrong not in values]
        if path.endswith("UserName"):
            return "x", format, 200
        if path.endswith("Length"):
            bad = ["3", "19", "words"]
        return data.draw(st.sampled_from(bad)), format, 500

    @rule(path=PATHS, data=st.data())
    def add(self, path: str, data: st.DataObject) -> None:
        value, format, code = self.value_for(path, data)
        if path in self.nodes:
            code = 418
        if code == 200:
            for above in parents(path):
                self.nodes.setdefault(above, None)
            self.nodes[path] = value
        assert self.tree.add(f"{ROOT}/{path}", value, format) == code

    @rule(path=PATHS, data=st.data())
    def replace(self, path: str, data: st.DataObject) -> None:
        value, format, code = self.value_for(path, data)
        if path not in self.nodes:
            code = 404
        elif "R" not in RULES[path][1]:
            code = 405
        if code == 200:
            self.nodes[path] = value
        assert self.tree.replace(f"{ROOT}/{path}", value, format) == code

    @rule(path=PATHS)
    def delete(self, path: str) -> None:
        code = 200
        if path not in self.nodes:
            code = 404
        elif "D" not in RULES[path][1]:
            code = 405
        if code == 200:
            for known in list(self.nodes):
                if known == path or known.startswith(f"{path}/"):
                    del self.nodes[known]
        assert self.tree.delete(f"{ROOT}/{path}") == code

    @rule()
    def snapshot(self) -> None:
        self.saved = (self.tree.snapshot(), dict(self.nodes))

    @rule()
    def restore(self) -> None:
        if self.saved is not None:
            state, nodes = self.saved
            assert self.tree.restore(state)
            self.nodes, self.saved = dict(nodes), None

    @rule()
    def next_session(self) -> None:
        self.phone = self.tree.leave(self.phone)
        self.tree = DeviceTree(self.phone)
        self.saved = None

    @invariant()
    def all_that_is_there_is_found(self) -> None:
        for path in RULES:
            got = self.tree.get(f"{ROOT}/{path}")
            if path not in self.nodes:
                assert got.code == 404
            elif self.nodes[path] is None and RULES[path][0] == INTERIOR:
                below = [
                    known.removeprefix(f"{path}/")
                    for known in self.nodes
                    if known.startswith(f"{path}/")
                ]
                names = {name for name in below if "/" not in name}
                assert (got.code, got.format) == (200, "node")
                assert set(got.value.split("/")) - {""} == names
            else:
                assert (got.code, got.value, got.format) == (200, self.nodes[path], RULES[path][0])


Model.TestCase.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
TestModel = Model.TestCase
