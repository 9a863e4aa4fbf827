"""What is known of the person to be answered, and whether they want to be left alone: asked once for each mention drafted for."""

from dataclasses import dataclass, replace

from config.brand_book import BrandBook
from domain.cases import PersonKnown
from responder.opt_out import Wish, find_wish
from storage.database import Transaction
from storage.drafts import UnderstoodMention
from storage.opt_out_decisions import opt_out
from storage.opt_outs import is_opted_out
from storage.person_known import gather_person


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonToAnswer:
    """Who is to be answered."""

    known: PersonKnown
    opted_out: bool = False


def know_person(tx: Transaction, mention: UnderstoodMention, book: BrandBook | None) -> PersonToAnswer:
    """Return what is known of a mention's author. Who asks unmistakably to be left alone is noted as such, here.

    Of the policies that replies to them cited, those count that offer something.
    """
    known = gather_person(tx, author_id=mention.author_id, conversation_id=mention.conversation_id, topic=mention.topic)
    offering = {policy.id for policy in book.policies if policy.offer} if book else set()
    known = replace(known, offers=tuple((policy, day) for policy, day in known.offers if policy in offering))
    if find_wish(mention.text) is Wish.CLEAR:
        opt_out(tx, mention.author_id, user=None, mention_id=mention.mention_id)
    return PersonToAnswer(known=known, opted_out=is_opted_out(tx, mention.author_id))
