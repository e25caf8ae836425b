"""When the device calls: three sets of retries (session.md 6), and push."""

from __future__ import annotations

import pytest

from mdmcore.errors import ConfigError
from tests.support.recipes import body, built, items, sent_values
from tests.support.syncml_text import normal

PROVIDER = "./Vendor/MSFT/DMClient/Provider/ExampleMDM"
POLL = f"{PROVIDER}/Poll"


def add(leaf: str, value: str) -> str:
    return (
        f"<Add><Item><Target><LocURI>{POLL}/{leaf}</LocURI></Target><Meta>"
        f'<Format xmlns="syncml:metinf">int</Format></Meta><Data>{value}</Data></Item></Add>'
    )


@pytest.mark.parametrize("profile", ["wp81", "win10"])
def test_the_poll_node_is_added_before_its_values(profile: str) -> None:
    """session.md 6: a server must Add the Poll node before all below it; 15 x 8, 3 x 5 are those
    of its sample."""
    expected = f"""<Sequence>
      <Add><Item><Target><LocURI>{POLL}</LocURI></Target>
        <Meta><Format xmlns="syncml:metinf">node</Format></Meta></Item></Add>
      {add("NumberOfFirstRetries", "8")}{add("IntervalForFirstSetOfRetries", "15")}
      {add("NumberOfSecondRetries", "5")}{add("IntervalForSecondSetOfRetries", "3")}
      {add("NumberOfRemainingScheduledRetries", "0")}
      {add("IntervalForRemainingScheduledRetries", "1440")}
    </Sequence>"""
    made = built(
        "poll-schedule",
        profile,
        first_count="8",
        first_minutes="15",
        second_count="5",
        second_minutes="3",
        remaining_minutes="1440",
    )
    assert normal(body(made)) == normal(expected)


@pytest.mark.parametrize(
    ("profile", "values", "message"),
    [
        ("wp81", {"first_count": "0"}, "first-count must be 1 to 2147483647, not '0'"),
        ("wp81", {"first_minutes": "0"}, "first-minutes must be 1 to 2147483647, not '0'"),
        ("wp81", {"second_count": "2"}, "second-minutes must be 1 or more with second-count"),
        (
            "wp81",
            {"second_minutes": "60"},
            "second-count must be 1 or more: 0 repeats for ever",
        ),
        (
            "wp81",
            {"remaining_count": "3", "remaining_minutes": "0"},
            "remaining-minutes must be 1 or more with remaining-count above 0",
        ),
        ("wp81", {"remaining_minutes": "480"}, "remaining-minutes must be 1440 or more on wp81"),
        ("win10", {"remaining_minutes": "1"}, "remaining-minutes must be 15 or more on win10"),
        (
            "win10",
            {"second_minutes": "1", "remaining_minutes": "0"},
            "second-minutes must be 15 or more on win10",
        ),
        ("wp81", {"first_count": "2147483648"}, "first-count must be 1 to 2147483647"),
        ("wp81", {"on_login": "yes"}, "on-login is for win10, not for wp81"),
        ("wp8", {}, "poll-schedule is for wp81 and win10, not for wp8: its schedule stands in the"),
    ],
)
def test_a_schedule_that_never_works_is_refused(
    profile: str, values: dict[str, str], message: str
) -> None:
    with pytest.raises(ConfigError) as error:
        built("poll-schedule", profile, **values)
    assert str(error.value).startswith(message)


def test_a_short_interval_is_taken_by_one_who_means_it() -> None:
    made = built("poll-schedule", "wp81", remaining_minutes="5", allow_short="yes")
    assert sent_values(made)[f"{POLL}/IntervalForRemainingScheduledRetries"] == "5"


def test_a_second_set_may_be_the_last() -> None:
    made = built("poll-schedule", "win10", second_minutes="480", remaining_minutes="0")
    assert sent_values(made)[f"{POLL}/IntervalForSecondSetOfRetries"] == "480"


def test_a_schedule_that_is_there_is_replaced_without_its_node() -> None:
    made = built("poll-schedule", "win10", command="replace", on_login="yes")
    assert [name for name, _ in items(made)] == ["Replace"] * 7
    assert sent_values(made)[f"{POLL}/PollOnLogin"] == "true"


def test_the_name_for_push_is_set_and_the_channel_read() -> None:
    made = built("push-channel", "wp81", pfn="App_8wekyb3d8bbwe")
    assert [command.name for command in made] == ["Sequence"]
    assert [(name, item.target, item.data) for name, item in items(made)] == [
        ("Add", f"{PROVIDER}/Push/PFN", "App_8wekyb3d8bbwe"),
        ("Get", f"{PROVIDER}/Push/ChannelURI", None),
        ("Get", f"{PROVIDER}/Push/Status", None),
    ]


def test_schedule_and_channel_are_read() -> None:
    assert body(built("poll-values", "wp81")).count("<Get>") == 6
    assert f"{PROVIDER}/Push/ChannelURI" in body(built("push-status", "win10"))
