"""The sandbox: a platform on disk that behaves like one, and the channel that reads and answers it. No network."""

from listener.channels.sandbox.channel import SandboxChannel, make_channel
from listener.channels.sandbox.faults import FaultKind, SandboxCall
from listener.channels.sandbox.platform import SandboxPlatform
from listener.channels.sandbox.posts import OWN_ACCOUNT, SandboxAuthor, SandboxPost, SandboxSent

__all__ = [
    "OWN_ACCOUNT",
    "FaultKind",
    "SandboxAuthor",
    "SandboxCall",
    "SandboxChannel",
    "SandboxPlatform",
    "SandboxPost",
    "SandboxSent",
    "make_channel",
]
