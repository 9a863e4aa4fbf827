"""Google Play: reviews of one app read and answered through the Developer API. Its SDK is imported when a channel is made."""

from config.settings import ChannelSettings
from listener.channel_options import require_sdk
from listener.channels.google_play.channel import GooglePlayChannel
from listener.channels.google_play.client import Client
from listener.channels.google_play.options import read_options
from listener.channels.google_play.quota import Quota
from listener.channels.google_play.tokens import Tokens, load_signer
from listener.json_http import JsonClient
from listener.registry import ChannelContext

__all__ = ["GooglePlayChannel", "make_channel"]


def make_channel(settings: ChannelSettings, context: ChannelContext) -> GooglePlayChannel:
    """Return the channel of ``settings``; no request is made yet. Raises ``ConfigError`` naming the option to mend."""
    for module in ("google", "google.auth"):
        require_sdk(module, settings)
    options = read_options(settings)
    account, clock = options.account, context.clock
    web = JsonClient(timeout_seconds=options.timeout_seconds)
    tokens = Tokens(account, signer=load_signer(account, settings), web=web, clock=clock)
    quota = Quota(context.state_dir / f"google_play.{options.package_name}.sqlite", clock=clock)
    client = Client(options, tokens=tokens, web=web, quota=quota, clock=clock)
    return GooglePlayChannel(options, client=client, context=context)
