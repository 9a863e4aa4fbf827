"""Where the home is, and what goes wrong when it is not."""

import os
from pathlib import Path

from domain.errors import KikiteError


def find_home(given: Path | None) -> Path:
    """Return the home of ``--home``, else of ``KIKITE_HOME``. Raises ``KikiteError`` when there is none yet."""
    named = given or (Path(os.environ["KIKITE_HOME"]) if os.environ.get("KIKITE_HOME") else None)
    if named is None:
        raise KikiteError("No home was named.", remedy="Give --home DIR or set KIKITE_HOME; `kikite init` makes one.")
    home = named.expanduser().absolute()
    if not (home / "kikite.toml").is_file():
        raise KikiteError(f"There is no kikite.toml in {home}.", remedy=f"Run `kikite init --home {home}`.")
    return home
