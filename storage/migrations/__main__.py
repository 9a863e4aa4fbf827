"""For developers: draft the next revision from what the models have and the migrations lack. Read and tidy it by hand.

``python -m storage.migrations "what changes"``
"""

import sys
import tempfile
from pathlib import Path

from alembic import command

from storage.database import Database
from storage.migrate import configure, head_revision, upgrade


def draft_revision(message: str) -> str:
    """Write the next file under ``versions/`` and return its path."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'draft.db'}")
        head = head_revision()
        if head:
            upgrade(database)
        config = configure()
        with database.connect(writes=True) as connection:
            config.attributes["connection"] = connection
            number = f"{int(head or 0) + 1:04}"
            made = command.revision(config, message, autogenerate=True, rev_id=number)
        database.close()
    return str(getattr(made, "path", made))


if __name__ == "__main__":
    sys.stdout.write(draft_revision(" ".join(sys.argv[1:]) or "change") + "\n")
