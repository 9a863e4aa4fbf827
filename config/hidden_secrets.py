"""Words of a platform, shown to people: on one line, without any secret of the account should the platform repeat one."""

from typing import Final
from urllib.parse import quote

from config.settings import ChannelSettings

HIDDEN: Final = "•••"
SHORTEST_HIDDEN: Final = 4
"""A shorter secret is no secret, and hiding it would make words unreadable."""


def hide_secrets(said: str, channel: ChannelSettings) -> str:
    """Return ``said`` on one line, with the account's secrets made unreadable."""
    line = " ".join(said.split())
    values = {secret.get_secret_value().strip() for secret in channel.secrets.values()}
    for value in sorted(values, key=len, reverse=True):
        if len(value) >= SHORTEST_HIDDEN:
            line = line.replace(value, HIDDEN).replace(quote(value, safe=""), HIDDEN)
    return line
