"""How the App Store tests speak."""

from typing import Protocol

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from listener.channels.app_store import AppStoreChannel
from tests.partners.app_store_connect import APP_ID

KEY = ec.generate_private_key(ec.SECP256R1())
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
READ = f"GET /v1/apps/{APP_ID}/customerReviews"
LOOK = "GET /v1/customerReviews/"
SEND = "POST /v1/customerReviewResponses"
CALLS = {"poll": READ, "reply": SEND, "probe": f"GET /v1/apps/{APP_ID}"}


class OpenChannel(Protocol):
    """Opens the shop's channel through the proxy; each call gives another one over the same state."""

    def __call__(self, *, key: str = PEM, **options: object) -> AppStoreChannel: ...
