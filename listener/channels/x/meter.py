"""What each answer of X costs, by the price table: whatever it holds, once in a UTC day."""

from listener.channels.x import answers
from listener.channels.x.memory import Memory
from listener.channels.x.prices import Prices
from listener.channels.x.reading import read_users


class Meter:
    """Counts money. Reads of a poll go into its page; everything else is owed, and comes with the next page."""

    def __init__(self, memory: Memory, prices: Prices, *, owns_app: bool) -> None:
        self._memory = memory
        self.prices = prices
        self.own_post = prices.own_post_read if owns_app else prices.post_read
        """For a mention of us or a post of ours: X's lower price is for apps that belong to the account."""

    def bill_posts(self, answer: object, *, price: float) -> float:
        """Return what X asks for ``answer``: each of its posts at ``price``, and whatever came along."""
        along = [*answers.items(answer, "includes", "tweets"), *answers.items(answer, "includes", "posts")]
        cost = self._memory.bill("post", answers.ids(answers.items(answer, "data")), price=price)
        cost += self._memory.bill("post", answers.ids(along), price=self.prices.post_read)
        return cost + self._bill_people(answer)

    def bill_messages(self, answer: object) -> float:
        """Return what X asks for the message events of ``answer`` and the people who came along."""
        events = answers.ids(answers.items(answer, "data"))
        return self._memory.bill("message", events, price=self.prices.message_read) + self._bill_people(answer)

    def bill_person(self, person: str) -> float:
        """Return what X asks for one profile."""
        return self._memory.bill("user", [person], price=self.prices.user_read)

    def owe(self, usd: float) -> None:
        """Note money spent outside of a poll."""
        self._memory.owe(usd)

    def take_owed(self) -> float:
        """Return what was spent outside of polls since the last time."""
        return self._memory.take_owed()

    def _bill_people(self, answer: object) -> float:
        return self._memory.bill("user", read_users(answer), price=self.prices.user_read)
