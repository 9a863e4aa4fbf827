"""The generic signed webhook: any live chat, CRM or form of one's own brings messages and is brought the replies."""

from config.settings import ChannelSettings
from listener.channels.webhook.channel import WebhookChannel
from listener.channels.webhook.options import read_options
from listener.registry import ChannelContext

__all__ = ["WebhookChannel", "make_channel"]


def make_channel(settings: ChannelSettings, context: ChannelContext) -> WebhookChannel:
    """Return the channel of ``settings``; no request is made yet. Raises ``ConfigError`` naming the option to mend."""
    return WebhookChannel(read_options(settings), context=context, name=settings.name)
