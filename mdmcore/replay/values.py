"""The values that the captured server had given the device, and those of the new server instead.

EntDMID, account name, PROVIDER-ID and ADDR stand in the device's messages as whole texts; the
PROVIDER-ID also as a step of a LocURI.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mdmcore.enrollment.provisioning_view import dm_client
from mdmcore.rules.life import Life


@dataclass(frozen=True, slots=True)
class Values:
    """What replaces what."""

    whole: dict[str, str]
    provider: tuple[str, str] | None = None

    def text(self, text: str) -> str:
        """A text of a message, for the new server."""
        if text in self.whole:
            return self.whole[text]
        if self.provider is None:
            return text
        old, new = self.provider
        return "/".join(new if step == old else step for step in text.split("/"))


def values_between(captured: Life, new: Life) -> Values:
    """All of them, as far as both servers told them."""
    before, after = dict(_named(captured)), dict(_named(new))
    whole = {
        old: after[name] for name, old in before.items() if old and name in after and after[name]
    }
    providers = before.get("provider"), after.get("provider")
    is_other = all(providers) and providers[0] != providers[1]
    return Values(whole, (providers[0] or "", providers[1] or "") if is_other else None)


def _named(life: Life) -> Iterator[tuple[str, str]]:
    yield "addr", life.addr
    if life.account is not None:
        yield "provider", life.account.provider_id
        if life.account.device is not None:
            yield "user", life.account.device.user
    part = life.provisioning
    if part is not None and part.document is not None and life.account is not None:
        client = dm_client(part.document, life.account.provider_id)
        if client is not None and client.ent_dmid:
            yield "device", client.ent_dmid
