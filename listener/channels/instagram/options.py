"""What the settings of Instagram may say."""

from pydantic import Field

from config.settings import ChannelSettings
from listener.channel_options import check_options
from listener.channels.graph.options import ID, SECRETS, GraphOptions


class InstagramOptions(GraphOptions):
    """``options`` and ``secrets`` of a ``[[channel]]`` of kind ``instagram``."""

    account_id: str = Field(description="ID of the professional account, a number; not its name.", pattern=ID)


def read_options(settings: ChannelSettings) -> InstagramOptions:
    """Return the options of ``settings``, checked. Raises ``ConfigError`` naming the first wrong one."""
    return check_options(InstagramOptions, settings, secrets=SECRETS)
