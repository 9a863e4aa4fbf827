"""A reply where nothing was drafted: an empty option with the route that the rules give it, for a person to write."""

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import select

from domain.errors import NotFoundError
from domain.ids import ChannelAccountId
from domain.lifecycle import DraftState
from domain.ports import Channel
from domain.replies import Eligibility, PlatformFacts
from domain.words import DraftKind, Engagement, Language, Risk, Visibility
from responder.eligibility import EligibilityInput, decide, load_rules
from responder.routing import NO_API
from storage.database import Transaction
from storage.known_rows import of_ours
from storage.models import ChannelAccount, Conversation, Draft, Mention
from storage.opt_outs import is_opted_out
from storage.people import SignedInUser
from storage.reviews import add_blank_draft, find_live_visibilities, lock_conversation
from storage.threads import read_label


def begin_blank_draft(
    tx: Transaction,
    conversation_id: int,
    *,
    visibility: Visibility,
    user: SignedInUser,
    channels: Mapping[ChannelAccountId, Channel],
    home: Path,
) -> Draft:
    """Return the open blank option of this visibility, made if there is none. Raises ``NotFoundError``.

    The platform itself is not asked here (no network in a transaction); it is before the reply leaves.
    """
    conversation = lock_conversation(tx, conversation_id)
    mention = tx.session.get(Mention, conversation.lead_mention_id or 0)
    if mention is None:
        raise NotFoundError("There is nothing to answer.", remedy="Go back to the inbox.")
    blank = select(Draft).where(
        Draft.mention_id == mention.id,
        Draft.visibility == visibility,
        Draft.state == DraftState.PROPOSED,
        Draft.kind == DraftKind.BLANK,
    )
    standing: Draft | None = tx.session.scalar(of_ours(blank))
    if standing is not None:
        return standing
    language = Language(conversation.language) if conversation.language in tuple(Language) else Language.OTHER
    draft = add_blank_draft(
        tx,
        mention=mention,
        visibility=visibility,
        language=language,
        eligibility=_decide(tx, conversation, mention, visibility=visibility, channels=channels, home=home),
    )
    tx.audit(
        "draft_blank",
        actor=user.display_name,
        user_id=user.user_id,
        conversation_id=conversation.id,
        subject=f"draft:{draft.id}",
    )
    return draft


def _decide(
    tx: Transaction,
    conversation: Conversation,
    mention: Mention,
    *,
    visibility: Visibility,
    channels: Mapping[ChannelAccountId, Channel],
    home: Path,
) -> Eligibility:
    account = tx.session.get_one(ChannelAccount, conversation.channel_account_id)
    channel = channels.get(ChannelAccountId(account.id))
    label = read_label(tx, mention.id)
    given = EligibilityInput(
        kind=account.kind,
        engagement=Engagement(mention.engagement),
        visibility=visibility,
        capabilities=channel.capabilities if channel else NO_API,
        facts=PlatformFacts(),
        created_at=mention.created_at,
        now=tx.now,
        risks=frozenset(Risk(risk) for risk in label.risks) if label else frozenset(),
        gone=mention.gone_at is not None,
        opted_out=is_opted_out(tx, mention.author_id),
        already_answered=visibility in find_live_visibilities(tx, mention_id=mention.id),
        has_url=bool(mention.url),
    )
    return decide(given, load_rules(home))
