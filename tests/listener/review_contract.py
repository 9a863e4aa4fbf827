"""What a channel of a store's reviews must pass: the whole contract, where two of its tests are played as stores play them.

A review takes one answer, and its author answers that by changing the review. So the answer in a thread comes after an answer of
ours; and an answer given by hand is not replaced by ours unseen, where elsewhere both would stand side by side.
"""

import pytest

from domain.errors import PermanentError
from domain.mentions import IncomingMention
from domain.ports import Channel
from domain.words import Engagement
from tests.listener.channel_contract import ChannelContract, PlatformDriver, answer, read_all, request_for


class ReviewContract(ChannelContract):
    """Subclass it as ``ChannelContract``; ``post_reply`` of the driver lets the author change a review that was answered."""

    def test_an_answer_in_a_thread_names_its_parent_and_its_thread(
        self, platform: PlatformDriver, channel: Channel
    ) -> None:
        """Played as stores play it: the author answers our answer by changing the review."""
        root = platform.post("The coat is blue.")
        found, cursor, _ = read_all(channel)
        by_id = {one.external_id: one for one in found}
        answer(channel, request_for(by_id[root]))
        later = platform.post_reply("And it is late, too.", to=root)
        by_id |= {one.external_id: one for one in read_all(channel, cursor)[0]}
        assert by_id[root].text == "The coat is blue."
        assert by_id[later].text == "And it is late, too."
        assert by_id[later].parent_external_id == root
        assert by_id[later].thread_external_id == (by_id[root].thread_external_id or root)
        assert by_id[later].engagement in {Engagement.REPLIED, Engagement.MENTIONED}

    def test_our_own_posts_are_left_out_or_carry_our_own_id(
        self, platform: PlatformDriver, channel: Channel, mention: IncomingMention
    ) -> None:
        """Played as stores play it: one answer to a review, and one given by hand is not replaced unseen."""
        other = platform.post("Another review", author="emi")
        platform.post_as_us("we answer by hand", to=mention.external_id)
        with pytest.raises(PermanentError) as caught:
            answer(channel, request_for(mention))
        assert caught.value.code == "answered_otherwise"
        assert platform.public_texts(to=mention.external_id) == ["we answer by hand"]
        found = read_all(channel)[0]
        answer(channel, request_for(next(one for one in found if one.external_id == other)))
        assert {one.external_id for one in read_all(channel)[0]} == {mention.external_id, other}
        assert {one.text for one in read_all(channel)[0]} == {mention.text, "Another review"}
