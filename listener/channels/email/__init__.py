"""Email: one mailbox listened to by IMAP and answered by SMTP. Nothing in it is changed but the folder of sent mail."""

from config.settings import ChannelSettings
from listener.channel_options import require_sdk
from listener.channels.email.channel import EmailChannel
from listener.channels.email.options import read_options
from listener.registry import ChannelContext

__all__ = ["EmailChannel", "make_channel"]


def make_channel(settings: ChannelSettings, context: ChannelContext) -> EmailChannel:
    """Return the channel of ``settings``; no connection is made yet. Raises ``ConfigError`` naming the option to mend."""
    require_sdk("imapclient", settings)
    return EmailChannel(read_options(settings), clock=context.clock)
