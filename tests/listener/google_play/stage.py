"""How the Google Play tests speak."""

import json
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from listener.channels.google_play import GooglePlayChannel
from tests.partners.google_play_api import ACCOUNT, KEY_ID, ROOT

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
READ = f"GET {ROOT}"
LOOK = f"GET {ROOT}/"
SEND = f"POST {ROOT}/"
SIGN_IN = "POST /token"
CALLS = {"poll": READ, "reply": SEND, "probe": READ}


def key_file(address: str, **changed: object) -> str:
    """Return a service account's key file whose tokens come from ``address``."""
    content = {
        "type": "service_account",
        "project_id": "mizunara-care",
        "private_key_id": KEY_ID,
        "private_key": PEM,
        "client_email": ACCOUNT,
        "client_id": "1",
        "token_uri": f"{address}/token",
    }
    return json.dumps({**content, **changed}, indent=2)


class OpenChannel(Protocol):
    """Opens the shop's channel through the proxy; each call gives another one over the same state."""

    def __call__(self, *, key: str = "", **options: object) -> GooglePlayChannel: ...
