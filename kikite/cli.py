"""The command line. Commands live in ``kikite/commands``, one file a subject; they import what they need when they run."""

import os
import sys
from typing import Annotated

import typer
from typer.main import get_command

from domain.errors import KikiteError
from kikite import commands
from kikite.help_words import help_language, translate_help

app = typer.Typer(
    name="kikite",
    help="Kikite: listen, understand, draft, approve, send, report.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
commands.add_to(app)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - only here

        typer.echo(f"kikite {version('kikite')}")
        raise typer.Exit


@app.callback()
def about(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and end.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Kikite: listen, understand, draft, approve, send, report."""


def main() -> None:
    """Run the command line: exit code 0 done, 1 failed with a remedy on stderr, 2 wrong usage."""
    try:
        command = get_command(app)
        translate_help(command, help_language(os.environ))
        command()
    except KikiteError as error:
        print(f"kikite: {error.message}", file=sys.stderr)  # noqa: T201 - this is the command line
        if error.remedy:
            print(f"  → {error.remedy}", file=sys.stderr)  # noqa: T201 - the same
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
