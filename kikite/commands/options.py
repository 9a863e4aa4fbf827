"""Options that several commands share, and how results are printed."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Self

import typer

Home = Annotated[
    Path | None,
    typer.Option("--home", help="Folder with settings, database and secrets (or KIKITE_HOME).", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of words.")]


def print_result(words: str, values: Mapping[str, object], *, as_json: bool, on_stderr: bool = False) -> None:
    """Print ``values`` as one JSON object, or ``words``. ``on_stderr``: stdout carries the work itself."""
    typer.echo(json.dumps(values, ensure_ascii=False, default=str) if as_json else words, err=on_stderr)


class Bar:
    """A progress bar on stderr that a step may call with (done, total).

    Drawn from the first call on: a step that cannot even begin leaves no bar at nothing above its message.
    """

    def __init__(self, label: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._task = self._progress.add_task(label, total=None)
        self._drawn = False

    def __call__(self, done: int, total: int) -> None:
        """Show how far it is."""
        if not self._drawn:
            self._drawn = True
            self._progress.start()
        self._progress.update(self._task, completed=done, total=total or None)

    def renamed(self, label: str, done: int, total: int) -> None:
        """Show how far a step of this name is."""
        self._progress.update(self._task, description=label)
        self(done, total)

    def __enter__(self) -> Self:
        """Be ready to draw."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop drawing."""
        if self._drawn:
            self._progress.stop()


@contextmanager
def progress(label: str) -> Iterator[Bar]:
    """Draw a bar while the block runs."""
    with Bar(label) as bar:
        yield bar
