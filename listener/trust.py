"""The authorities that vouch for a server: read once for the whole process.

To read them takes some 20 ms and keeps nearly a megabyte, which two hundred accounts need not pay two hundred times.
"""

import ssl
from functools import cache

import httpx2


@cache
def common_trust() -> ssl.SSLContext:
    """Return the usual authorities, or those that ``SSL_CERT_FILE`` names. Shared: nobody may change it."""
    return httpx2.create_ssl_context()
