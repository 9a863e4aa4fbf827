"""``kikite customers``: orders in, from a file or from connected shops now."""

from pathlib import Path
from typing import Annotated

import typer

from kikite.commands.data import read_mapping, vars_of
from kikite.commands.options import AsJson, Home, print_result, progress

customers = typer.Typer(help="The people behind profiles: their orders.", no_args_is_help=True)
orders = typer.Typer(help="Orders of customers.", no_args_is_help=True)
customers.add_typer(orders, name="orders")


@orders.command("import")
def import_orders(
    file: Annotated[Path, typer.Argument(help="CSV or JSONL export of orders.")],
    consent_column: Annotated[
        str, typer.Option(help="Column that says who agreed that support looks at orders (yes, true or 1).")
    ],
    column_map: Annotated[
        str, typer.Option("--map", help="Which column is which, e.g. id=Order,email=Mail,ordered_at=Date.")
    ] = "",
    rejects: Annotated[Path | None, typer.Option(help="Where bad rows are kept; default: beside the file.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Import orders from an export. Safe to repeat; mail addresses are not kept, bad rows are reported by line."""
    from kikite.home import find_home
    from kikite.orders import import_orders_now

    mapping = read_mapping(column_map)
    with progress(f"Importing {file.name}") as bar:
        summary = import_orders_now(
            find_home(home), file, mapping=mapping, consent_column=consent_column, rejects=rejects, progress=bar
        )
    counted = f"{summary.new} orders new, {summary.changed} changed, {summary.same} as before"
    words = [
        f"{summary.rows} rows: {counted}, {summary.rejected} rows rejected; {summary.consented} orders with consent."
    ]
    words += [f"line {problem.line}: {problem.reason}" for problem in summary.problems]
    if summary.rejected > len(summary.problems):
        words.append(f"These are the first {len(summary.problems)} of {summary.rejected}; all are in the file.")
    if summary.rejects_file:
        words.append(f"Rejected rows, with reasons: {summary.rejects_file}. Mend them there and import that file.")
    print_result("\n".join(words), vars_of(summary), as_json=as_json)


@orders.command("read")
def read_orders(home: Home = None, as_json: AsJson = False) -> None:
    """Read the orders of every connected shop whose time has come."""
    from kikite.home import find_home
    from kikite.orders import read_orders_now

    changed = read_orders_now(find_home(home))
    print_result(f"{changed} orders new or changed.", {"changed": changed}, as_json=as_json)
