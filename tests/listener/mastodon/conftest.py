"""The stage of the Mastodon tests."""

from collections.abc import Iterator

import pytest

from tests.partners.mastodon_server import MastodonServer
from tests.partners.missing import PartnerMissingError, give_up


@pytest.fixture(scope="session")
def mastodon_server() -> Iterator[MastodonServer]:
    """A server of somebody else's making, started once."""
    server = MastodonServer()
    try:
        server.__enter__()
    except PartnerMissingError as error:
        give_up(error)
    yield server
    server.stop()
