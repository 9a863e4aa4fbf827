"""``kikite doctor`` and ``kikite channels``: is it in place, and do the platforms let us in."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from kikite.commands.options import AsJson, Home, print_result

if TYPE_CHECKING:
    from kikite.doctor import Finding

channels = typer.Typer(help="Connected accounts.", no_args_is_help=True)

MARKS = {"good": "ok  ", "warning": "note", "bad": "BAD "}


def doctor(home: Home = None, as_json: AsJson = False) -> None:
    """Look at everything and say what to do about what is wrong."""
    from kikite.doctor import examine
    from kikite.home import find_home

    _report(list(examine(find_home(home))), as_json=as_json)


@channels.command("check")
def channels_check(
    name: Annotated[str | None, typer.Argument(help="Only this account.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Sign in to each platform and say who we are there."""
    from kikite.doctor import probe_channels
    from kikite.home import find_home
    from kikite.product import open_product

    with open_product(find_home(home)) as product:
        if name is not None:
            product.account(name)
        findings = [found for found in probe_channels(product) if name is None or found.what == f"channel {name}"]
    _report(findings, as_json=as_json)


@channels.command("list")
def channels_list(home: Home = None, as_json: AsJson = False) -> None:
    """List the connected accounts and when each was last heard."""
    from kikite.home import find_home
    from kikite.product import open_product
    from storage.listening import list_accounts

    with open_product(find_home(home)) as product, product.database.snapshot(product.workspace_id) as tx:
        rows = [
            {
                "name": account.name,
                "kind": account.kind,
                "active": account.active,
                "last_success_at": account.last_success_at,
                "next_poll_at": account.next_poll_at,
                "last_error": account.last_error,
            }
            for account in list_accounts(tx)
        ]
    lines = [
        f"{row['name']:20} {row['kind']:12} {row['last_success_at'] or '-'}  {row['last_error']}".rstrip()
        for row in rows
    ]
    print_result("\n".join(lines), {"channels": rows}, as_json=as_json)


def _report(findings: "list[Finding]", *, as_json: bool) -> None:
    lines = []
    for found in findings:
        lines.append(f"{MARKS[found.health]}  {found.what}: {found.says}")
        if found.remedy:
            lines.append(f"      → {found.remedy}")
    print_result("\n".join(lines), {"findings": [asdict(found) for found in findings]}, as_json=as_json)
    if any(found.health == "bad" for found in findings):
        raise typer.Exit(1)
