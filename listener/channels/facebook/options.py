"""What the settings of Facebook may say."""

from pydantic import Field

from config.settings import ChannelSettings
from listener.channel_options import check_options
from listener.channels.graph.options import ID, SECRETS, GraphOptions


class FacebookOptions(GraphOptions):
    """``options`` and ``secrets`` of a ``[[channel]]`` of kind ``facebook``."""

    page_id: str = Field(description="The Page's ID, a number.", pattern=ID)


def read_options(settings: ChannelSettings) -> FacebookOptions:
    """Return the options of ``settings``, checked. Raises ``ConfigError`` naming the first wrong one."""
    return check_options(FacebookOptions, settings, secrets=SECRETS)
