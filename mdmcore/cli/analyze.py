"""``mdmproxy analyze``: explain captures with the engine that watches live traffic."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mdmcore.cli.analyze_output import AnalyzeFormat, JUnitFlavour, ReportSettings
from mdmcore.cli.analyze_settings import AnalyzeSettings, Judge
from mdmcore.cli.captures import given_options
from mdmcore.cli.options import (
    Aetx,
    Disable,
    FailOn,
    FailOnFound,
    KeyLog,
    MaxEntries,
    MaxEntry,
    MaxRatio,
    MaxTotal,
    Output,
    Password,
    Profile,
    RsaKeys,
    Secrets,
    Weigh,
)
from mdmcore.cli.output import complain, say
from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from mdmcore.cli.analyze_plan import Plan
    from mdmcore.report.outcome import Outcome
    from mdmcore.report.sieve import Sieve

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_DIFF_FORMATS = (AnalyzeFormat.TEXT, AnalyzeFormat.JSON)


@app.command(
    epilog="Example: mdmproxy analyze recordings/ --format junit -o report.xml",
)
def analyze(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...",
            help="mitmproxy flows, HAR, Fiddler's .saz, packet captures, logs of servers and "
            "devices, folders of messages, and folders of all these.",
        ),
    ],
    format: Annotated[AnalyzeFormat, typer.Option(help="How to write the result.")] = (
        AnalyzeFormat.TEXT
    ),
    output: Output = None,
    junit_flavour: Annotated[
        JUnitFlavour,
        typer.Option(
            help="Form of junit: github adds the capture as file to each case, against the schema."
        ),
    ] = JUnitFlavour.ANT,
    joined: Annotated[
        bool | None,
        typer.Option(
            "--joined/--separate",
            help="A device in several captures has one life, or one in each. Without it: joined "
            "where files are named, separate where a folder is.",
            show_default=False,
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=1024,
            help="Processes that read separate captures; the result is the same. Without it: as "
            "many as the captures are worth and the computer has processors.",
            show_default=False,
        ),
    ] = None,
    select: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[,NAME...]",
            help="Tell only of these rules: ids, aliases, patterns (tls-*), phases (hub).",
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[,NAME...]", help="Do not tell of these rules; as for --select."),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="An older analysis (--format json): tell only of what is new."
        ),
    ] = None,
    fail_on: FailOnFound = FailOn.ERROR,
    profile: Annotated[
        Profile, typer.Option(help="Kind of device; auto finds it out.")
    ] = Profile.AUTO,
    aetx: Aetx = None,
    disable: Disable = None,
    severity: Weigh = None,
    secrets: Secrets = None,
    password: Password = None,
    max_entry: MaxEntry = None,
    max_total: MaxTotal = None,
    max_entries: MaxEntries = None,
    max_ratio: MaxRatio = None,
    key_log: KeyLog = None,
    rsa_key: RsaKeys = None,
    show_secrets: Annotated[
        bool, typer.Option("--show-secrets", help="Do not mask passwords, secrets and nonces.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="List the files in folders that are no captures.")
    ] = False,
    diff: Annotated[
        bool,
        typer.Option(
            "--diff",
            help="Compare two lives, step by step: FILE, or FILE#LIFE where a capture has several.",
        ),
    ] = False,
) -> int:
    """Decode captures, join them into the lives of devices, and say what is wrong and why.

    Exit code 0: nothing grave; 1: something was found; 2: a capture was not read to its end (what
    could be read is reported all the same). With --diff: 0 the lives differ in names, ids, times,
    keys and nonces only; 1 something else differs; 2 a life cannot be told or read.
    """
    settings = AnalyzeSettings(
        profile=profile,
        show_secrets=show_secrets,
        aetx=aetx,
        disable=tuple(disable or ()),
        severity=tuple(severity or ()),
        secrets=secrets,
        options=given_options(
            password=password,
            max_entry=max_entry,
            max_total=max_total,
            max_entries=max_entries,
            max_ratio=max_ratio,
            key_log=key_log,
            rsa_key=rsa_key,
        ),
    )
    if diff:
        return _compare(paths, settings, format, output)
    judge = Judge(settings)
    sieve = _sieve(select, ignore, baseline)
    report = ReportSettings(
        format=format,
        output=output,
        fail_on=fail_on,
        is_told=lambda rule_id: sieve.choice.has(rule_id) and not judge.is_silent(rule_id),
        show_secrets=show_secrets,
        junit_flavour=junit_flavour,
    )
    return _analyze(
        paths,
        judge,
        report,
        sieve=sieve,
        joined=joined,
        jobs=jobs,
        is_verbose=verbose,
    )


def _compare(
    paths: list[Path], settings: AnalyzeSettings, format: AnalyzeFormat, output: Path | None
) -> int:
    from mdmcore.cli.analyze_diff import compare

    if format not in _DIFF_FORMATS:
        raise ConfigError(f"--diff is written as {' or '.join(_DIFF_FORMATS)}, not as {format}")
    return compare(
        paths,
        start=Judge(settings).inspector,
        is_json=format is AnalyzeFormat.JSON,
        output=output,
        show_secrets=settings.show_secrets,
        opening=settings.open,
    )


def _sieve(select: list[str] | None, ignore: list[str] | None, baseline: Path | None) -> Sieve:
    from mdmcore.report.baseline import read_baseline
    from mdmcore.report.choice import parse_choice
    from mdmcore.report.sieve import Sieve

    return Sieve(
        choice=parse_choice(select or (), ignore or ()),
        baseline=None if baseline is None else read_baseline(baseline),
    )


def _analyze(
    paths: list[Path],
    judge: Judge,
    report: ReportSettings,
    *,
    sieve: Sieve,
    joined: bool | None,
    jobs: int | None,
    is_verbose: bool,
) -> int:
    from mdmcore.cli.analyze_plan import jobs_for, make_plan
    from mdmcore.cli.analyze_run import run_joined, run_separate
    from mdmcore.report import exit_code

    plan = make_plan(paths, judge.settings, joined=joined)
    _say_plan(plan, paths, is_verbose=is_verbose)
    if not plan.captures:
        return 2
    if jobs is not None and jobs > 1 and not plan.is_separate and len(plan.captures) > 1:
        say("--jobs has no effect: these captures are one analysis (--separate judges each alone)")
    if plan.is_separate:
        count = jobs_for(plan.captures, jobs)
        outcome = run_separate(plan.captures, judge, sieve, report, jobs=count)
    else:
        outcome = run_joined(plan.captures, judge, sieve, report)
    _say_outcome(outcome)
    return exit_code(
        outcome.findings,
        fail_on=report.fail_on.value,
        has_errors=outcome.has_errors or bool(plan.problems),
    )


def _say_plan(plan: Plan, paths: list[Path], *, is_verbose: bool) -> None:
    """What cannot be read, and what was passed over."""
    for problem in plan.problems:
        complain(problem)
    if plan.passed_over and is_verbose:
        for path in plan.passed_over:
            say(f"{path}: no capture, passed over")
    elif plan.passed_over:
        number = len(plan.passed_over)
        say(f"{number} file{'s' * (number > 1)} passed over: no captures (--verbose lists them)")
    if not plan.captures and not plan.problems:
        named = ", ".join(map(str, paths))
        complain(f"{named}: no capture in it; `mdmproxy lint` checks loose files")


def _say_outcome(outcome: Outcome) -> None:
    """What broke, and what is known but not told."""
    for capture in outcome.captures:
        for error in capture.errors:
            complain(f"{capture.path}: {error.message} ({error.where})")
    if outcome.known:
        say(f"{outcome.known} findings of the baseline are not told again")
    if outcome.ignored:
        say(f"{outcome.ignored} findings of other rules are not told (--select, --ignore)")
