"""``kikite channels``: the connected accounts, whether their platforms let us in, and how a new one is connected."""

import re
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from kikite.commands.health import finding_lines
from kikite.commands.options import AsJson, Home, print_result

if TYPE_CHECKING:
    from config.channel_block import SecretFile
    from config.settings import ChannelSettings
    from kikite.channels import Account, NewAccount
    from storage.channel_history import Gap

channels = typer.Typer(help="Connected accounts.", no_args_is_help=True)

HEADINGS = ("account", "kind", "brand", "can", "state", "last good poll", "complete", "next poll", "spent today")
GAPS_SHOWN = 3
"""Below one account; ``--json`` has all."""
NEVER = "-"
RIGHTS = (("reads_by_poll", "read"), ("can_reply", "reply"), ("can_direct_message", "DM"))


@channels.command("list")
def list_them(home: Home = None, as_json: AsJson = False) -> None:
    """List the accounts: what each can do, how far it was read, what went wrong, what it cost today. Asks no platform."""
    from kikite.channels import list_accounts
    from kikite.home import find_home

    accounts, settings = list_accounts(find_home(home))
    zone = ZoneInfo(settings.workspace.time_zone)
    words = _table(
        [HEADINGS, *(_cells(account, zone) for account in accounts)], [_notes(one, zone) for one in accounts]
    )
    print_result(words, {"channels": [_values(account) for account in accounts]}, as_json=as_json)


@channels.command("check")
def check(
    names: Annotated[list[str] | None, typer.Argument(help="Only these accounts.", show_default=False)] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Sign in to each platform and say who we are there, and what is wrong in its settings. Ends with 1 when one fails."""
    from kikite.channel_checks import check_accounts
    from kikite.home import find_home

    def tell(channel: "ChannelSettings") -> None:
        if not as_json:
            typer.echo(f"Asking {channel.kind} about '{channel.name}' ...", err=True)

    findings = []
    for found in check_accounts(find_home(home), names or (), begin=tell):
        findings.append(found)
        if not as_json:
            typer.echo(finding_lines(found))
    if as_json:
        print_result("", {"findings": [asdict(found) for found in findings]}, as_json=True)
    if any(found.health == "bad" for found in findings):
        raise typer.Exit(1)


@channels.command("new")
def new(
    kind: Annotated[str, typer.Argument(help="Platform: bluesky, mastodon, reddit, x, email, feed, hackernews ...")],
    name: Annotated[str, typer.Option(help="Your name for the account; default: the kind.", show_default=False)] = "",
    brand: Annotated[str, typer.Option(help="Folder under brands/ whose voice and FAQ are used.")] = "default",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Write the settings of a new account into kikite.toml, and say what to do at the platform."""
    from config.section import NAME_PATTERN
    from kikite.channels import add_account
    from kikite.home import find_home

    for given, hint in ((name or kind, "--name"), (brand, "--brand")):
        if not re.fullmatch(NAME_PATTERN, given):
            wanted = "a small letter first, then up to 39 small letters, digits, - or _"
            raise typer.BadParameter(f"'{given}' is no name: {wanted}", param_hint=hint)
    place = find_home(home)
    made = add_account(place, kind, name=name or kind, brand=brand)
    command = f"kikite channels check {made.name} --home {place}"
    print_result(_told(made, command), {**asdict(made), "check": command}, as_json=as_json)


def _cells(account: "Account", zone: ZoneInfo) -> tuple[str, ...]:
    standing = account.standing
    complete = NEVER
    if standing and standing.complete_from:
        complete = f"{_moment(standing.complete_from, zone)} to {_moment(standing.complete_to, zone)}"
    cap = f" of {account.daily_budget_usd:.2f}" if account.daily_budget_usd else ""
    return (
        account.name,
        account.kind,
        account.brand,
        _rights(account),
        account.state.replace("_", " "),
        _moment(standing.last_success_at if standing else None, zone),
        complete,
        _moment(account.next_poll_at, zone),
        f"{standing.spent_today_usd if standing else 0:.2f}{cap} USD",
    )


def _rights(account: "Account") -> str:
    if account.capabilities is None:
        return "?" if account.active else NEVER
    return ", ".join(word for right, word in RIGHTS if getattr(account.capabilities, right)) or "by file"


def _moment(value: datetime | None, zone: ZoneInfo) -> str:
    return value.astimezone(zone).strftime("%Y-%m-%d %H:%M") if value else NEVER


def _notes(account: "Account", zone: ZoneInfo) -> list[str]:
    if not account.active:
        return ["no longer in kikite.toml; what it brought stays"]
    notes = [account.problem, f"→ {account.remedy}"] if account.problem else []
    if account.standing and account.standing.last_error:
        since = _moment(account.standing.failing_since, zone)
        notes.append(f"last error: {account.standing.last_error} (failing since {since})")
    if account.standing and account.standing.access_expires_at:
        notes.append(f"access ends on {_moment(account.standing.access_expires_at, zone)}")
    notes += [_gap_line(gap, zone) for gap in account.gaps[:GAPS_SHOWN]]
    if len(account.gaps) > GAPS_SHOWN:
        notes.append(f"{len(account.gaps) - GAPS_SHOWN} more gaps in the last 30 days; --json names them")
    return notes


def _gap_line(gap: "Gap", zone: ZoneInfo) -> str:
    if not gap.reason:
        return f"filled at {_moment(gap.ends_at, zone)}: {gap.filled}"
    filled = f"; filled: {gap.filled}" if gap.filled else ""
    return f"gap: {_moment(gap.begins_at, zone)} to {_moment(gap.ends_at, zone)}: {gap.reason}{filled}"


def _table(rows: list[tuple[str, ...]], notes: list[list[str]]) -> str:
    """Return the rows in columns, and what there is to say of one below it."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    said = [lines[0]]
    for line, below in zip(lines[1:], notes, strict=True):
        said += [line, *(f"    {note}" for note in below)]
    return "\n".join(said)


def _values(account: "Account") -> dict[str, object]:
    able, standing = account.capabilities, account.standing
    return {
        "name": account.name,
        "kind": account.kind,
        "brand": account.brand,
        "active": account.active,
        "state": account.state,
        "reads": able.reads_by_poll if able else None,
        "replies": able.can_reply if able else None,
        "direct_messages": able.can_direct_message if able else None,
        "problem": account.problem,
        "remedy": account.remedy,
        "last_success_at": _iso(standing.last_success_at if standing else None),
        "complete_from": _iso(standing.complete_from if standing else None),
        "complete_to": _iso(standing.complete_to if standing else None),
        "failing_since": _iso(standing.failing_since if standing else None),
        "last_error": standing.last_error if standing else "",
        "next_poll_at": _iso(account.next_poll_at),
        "spent_today_usd": standing.spent_today_usd if standing else 0.0,
        "daily_budget_usd": account.daily_budget_usd,
        "access_expires_at": _iso(standing.access_expires_at if standing else None),
        "gaps": [
            {"from": _iso(gap.begins_at), "to": _iso(gap.ends_at), "reason": gap.reason, "filled": gap.filled}
            for gap in account.gaps
        ],
    }


def _iso(value: datetime | None) -> str | None:
    return value.isoformat() if value else None


def _told(made: "NewAccount", command: str) -> str:
    from config.locale import text

    def say(code: str, /, **values: object) -> str:
        return text(f"channels.new.{code}", made.language, **values)

    def secret_line(secret: "SecretFile") -> str:
        code = "secret" if secret.file in made.to_fill else "secret_filled"
        file = say("group_of", file=secret.file, names=secret.groups) if secret.groups else secret.file
        return say(code if secret.required else "secret_optional", file=file, key=secret.key, about=secret.about)

    lines = [say("written", name=made.name, kind=made.kind, file=made.file, line=made.line), ""]
    if made.steps:
        quoted = say("quoted", words=r"\1")
        lines += [say("platform"), *_numbered([re.sub(r"\*\*(.+?)\*\*", quoted, step) for step in made.steps]), ""]
    todo = [say("options", keys=", ".join(made.block.required))] if made.block.required else []
    todo += ["\n     ".join(made.block.choice)] if made.block.choice else []
    todo += [say("optional"), *(secret_line(secret) for secret in made.block.secrets), say("check", command=command)]
    return "\n".join([*lines, say("home"), *_numbered(todo), "", say("start")])


def _numbered(steps: list[str]) -> list[str]:
    return [f"  {number}. {step}".rstrip() for number, step in enumerate(steps, start=1)]
