"""The smaller values: nonces in two forms, and that they are part of the model."""

from __future__ import annotations

from mdmcore.syncml import meta, model
from mdmcore.syncml.meta import Chal, Cred


def test_they_are_part_of_the_model() -> None:
    for name in ("Chal", "Cred", "Meta", "OtherElement"):
        assert getattr(model, name) is getattr(meta, name)


def test_a_secret_does_not_show() -> None:
    assert "s3cr3t" not in repr(Cred(data="s3cr3t"))


def test_a_nonce_that_is_no_base64_is_kept_as_text() -> None:
    assert Chal(next_nonce_text="!").next_nonce is None
