"""Instagram: comments, mentions and messages of one professional account over Meta's Graph API, by webhook and by poll."""

from config.settings import ChannelSettings
from listener.channels.graph.calls import Door
from listener.channels.graph.channel import GraphChannel
from listener.channels.graph.client import Client
from listener.channels.graph.talks import Talks
from listener.channels.instagram.options import InstagramOptions, read_options
from listener.channels.instagram.site import FIELDS, Instagram
from listener.registry import ChannelContext

__all__ = ["OPTIONS", "make_channel"]

OPTIONS = InstagramOptions


def make_channel(settings: ChannelSettings, context: ChannelContext) -> GraphChannel:
    """Return the channel of ``settings``; no request is made yet. Raises ``ConfigError`` naming the option to mend."""
    options = read_options(settings)
    client = Client(options, clock=context.clock)
    site = Instagram(options, client=client)
    return GraphChannel(
        options,
        kind="instagram",
        account_id=options.account_id,
        context=context,
        client=client,
        site=site,
        door=Door(options, subject="instagram", account_id=options.account_id, fields=FIELDS),
        talks=Talks(
            client,
            platform="instagram",
            account_id=options.account_id,
            own_name=lambda: site.me[1],
            inbox_url="https://www.instagram.com/direct/inbox/",
            page_size=options.page_size,
        ),
    )
