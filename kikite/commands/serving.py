"""``kikite run`` and ``kikite demo``: the product at work."""

from pathlib import Path
from typing import Annotated

import typer

from kikite.commands.options import Home


def run_product(
    home: Home = None,
    only: Annotated[str | None, typer.Option(help="Start only one part: clock, worker or desk.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Listen here instead of desk.port.")] = None,
) -> None:
    """Run the whole product: clock, workers, desk. Stops on Ctrl+C."""
    from kikite.home import find_home
    from kikite.product import open_product
    from kikite.running import Part, run

    if only is not None and only not in set(Part):
        raise typer.BadParameter(f"choose one of {', '.join(Part)}", param_hint="--only")
    with open_product(find_home(home), port=port) as product:
        run(product, only=Part(only) if only else None, ready=lambda url: typer.echo(f"Kikite is at {url}", err=True))


def demo(
    home: Annotated[
        Path | None, typer.Option("--home", help="Keep the demo here; else it is in a temporary folder and goes.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Listen here; 0 takes a free port.")] = 8321,
    browser: Annotated[bool, typer.Option(help="Open the desk in the browser.")] = True,
) -> None:
    """Open a desk filled from a sandbox platform, in Japanese and English, with new posts trickling in."""
    from kikite.demo import run_demo

    run_demo(home, port=port, open_browser=browser)
