"""Facebook: comments, posts and messages of one Page over Meta's Graph API, by webhook and by poll."""

from config.settings import ChannelSettings
from listener.channels.facebook.options import FacebookOptions, read_options
from listener.channels.facebook.site import FIELDS, Facebook
from listener.channels.graph.calls import Door
from listener.channels.graph.channel import GraphChannel
from listener.channels.graph.client import Client
from listener.channels.graph.talks import Talks
from listener.registry import ChannelContext

__all__ = ["OPTIONS", "make_channel"]

OPTIONS = FacebookOptions


def make_channel(settings: ChannelSettings, context: ChannelContext) -> GraphChannel:
    """Return the channel of ``settings``; no request is made yet. Raises ``ConfigError`` naming the option to mend."""
    options = read_options(settings)
    client = Client(options, clock=context.clock)
    return GraphChannel(
        options,
        kind="facebook",
        account_id=options.page_id,
        context=context,
        client=client,
        site=Facebook(options, client=client),
        door=Door(options, subject="page", account_id=options.page_id, fields=FIELDS),
        talks=Talks(
            client,
            platform="messenger",
            account_id=options.page_id,
            own_name=str,
            inbox_url=f"https://www.facebook.com/{options.page_id}/inbox",
            page_size=options.page_size,
        ),
    )
