"""The values of renewal: defaults of the CSP, and its numbers for Status."""

from __future__ import annotations

from mdmcore.phone.renewal_state import RenewalSettings, RenewalState, RenewalStatus


def test_the_defaults_of_the_csp() -> None:
    given = RenewalSettings()
    assert (given.period_days, given.retry_days) == (42, 7)
    assert (given.supports_robo, given.server_url) == (False, None)


def test_the_numbers_of_status() -> None:
    assert [int(status) for status in RenewalStatus] == [0, 1, 2, 3]
    assert RenewalState() == RenewalState(
        status=RenewalStatus.IDLE, error_code=0, last_attempt=None
    )
