"""The sandbox passes what every channel must pass."""

from pathlib import Path

import pytest

from domain.clock import FixedClock
from domain.words import MentionKind, Visibility
from listener.channels.sandbox import (
    OWN_ACCOUNT,
    SandboxAuthor,
    SandboxCall,
    SandboxChannel,
    SandboxPlatform,
    SandboxPost,
)
from listener.channels.sandbox.faults import Fault, FaultKind
from tests.listener.channel_contract import Break, ChannelContract

KINDS = dict.fromkeys((Break.UNTOLD, Break.BROKEN, Break.TORN), FaultKind.RETRYABLE)


class SandboxDriver:
    """Posts on the sandbox platform."""

    page_size = 3
    secrets = ()

    def __init__(self, platform: SandboxPlatform) -> None:
        self.platform = platform

    def post(self, text: str, *, author: str = "aya") -> str:
        return self.platform.add_post(SandboxPost(text=text, author=_author(author)))

    def post_reply(self, text: str, *, to: str, author: str = "aya") -> str:
        answer = SandboxPost(text=text, author=_author(author), kind=MentionKind.COMMENT, parent_external_id=to)
        return self.platform.add_post(answer)

    def post_as_us(self, text: str, *, to: str) -> None:
        self.platform.add_post(SandboxPost(text=text, author=OWN_ACCOUNT, parent_external_id=to))

    def edit(self, external_id: str, text: str) -> str:
        self.platform.edit_post(external_id, text)
        return external_id

    def delete(self, external_id: str) -> None:
        self.platform.delete_post(external_id)

    def public_texts(self, *, to: str) -> list[str]:
        return [sent.text for sent in self.platform.sent_posts(Visibility.PUBLIC) if sent.target_external_id == to]

    def private_texts(self, *, author: str = "aya") -> list[str]:
        threads = self.platform.find_posts([sent.external_id for sent in self.platform.sent_posts(Visibility.DM)])
        return [post.text for post in threads.values() if post.thread_external_id == f"dm-id-{author}"]

    def break_next(self, call: str, how: Break) -> None:
        asked = None if how is Break.UNTOLD else 30
        self.platform.set_fault(
            SandboxCall(call), Fault(kind=KINDS.get(how) or FaultKind(how), retry_after_seconds=asked)
        )


def _author(name: str) -> SandboxAuthor:
    return SandboxAuthor(external_id=f"id-{name}", handle=name, display_name=name.title())


class TestSandbox(ChannelContract):
    @pytest.fixture
    def platform(self, tmp_path: Path, clock: FixedClock) -> SandboxDriver:
        return SandboxDriver(SandboxPlatform(tmp_path / "platform.db", clock=clock))

    @pytest.fixture
    def channel(self, platform: SandboxDriver, clock: FixedClock) -> SandboxChannel:
        return SandboxChannel(platform.platform, clock=clock, options={"page_size": platform.page_size})
