"""What is needed to write something that is due of our own accord, read in the transaction of its claim; or why it is let be."""

from collections.abc import Mapping
from dataclasses import dataclass

from config.brand_book import BrandBook
from config.follow_up_settings import FollowUpSettings
from domain.cases import PersonKnown
from domain.words import Language, MentionKind, Purpose, SurveyKind, Visibility
from responder.survey_links import SurveyLinks
from storage.database import Transaction
from storage.drafts import UnderstoodMention, gather_mention
from storage.follow_up_reasons import where_it_went_on, why_not
from storage.models import Conversation, FollowUp, Mention
from storage.opt_outs import is_opted_out
from storage.person_known import gather_person
from storage.surveys import ensure_survey


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """One claimed plan with all that composing needs."""

    row: FollowUp
    mention: UnderstoodMention
    """What the text answers to: the customer's newest post."""
    about: UnderstoodMention
    """What it is about: the post that the plan was made for."""
    visibility: Visibility
    purpose: Purpose
    language: Language
    person: PersonKnown
    opted_out: bool
    given: Mapping[str, str]
    scenario: str


def gather_due(
    tx: Transaction,
    row: FollowUp,
    *,
    books: Mapping[str, BrandBook],
    settings: FollowUpSettings,
    links: SurveyLinks,
) -> Due | str:
    """Return what to write, or why it is not to be written any more: a code of ``follow_up.toml``."""
    conversation = tx.session.get_one(Conversation, row.conversation_id)
    purpose = Purpose(row.purpose)
    lead = tx.session.get(Mention, conversation.lead_mention_id or 0)
    problem = why_not(tx, conversation)
    if problem or lead is None:
        return problem or "post_gone"
    if conversation.waiting and lead.id != row.mention_id:
        return "case_alive"
    mention = gather_mention(tx, lead, purpose=purpose)
    about = gather_mention(tx, tx.session.get_one(Mention, row.mention_id), purpose=purpose)
    book = books.get(mention.brand)
    visibility = where_it_went_on(tx, conversation)
    if visibility in mention.answered:
        return "written_already"
    person = gather_person(tx, author_id=mention.author_id, conversation_id=mention.conversation_id, topic=about.topic)
    language = _language(book, person, mention, about)
    given: dict[str, str] = {}
    scenario = ""
    if purpose is Purpose.SURVEY:
        kind = settings.survey_kind or SurveyKind.CSAT
        survey = ensure_survey(tx, row, kind=kind, language=language.value, days=settings.survey_days)
        scenario = survey.kind
        address = links.address(survey.id, survey.expires_at) if _is_private(visibility, lead) else ""
        given = {"link": address} if address else {}
    if purpose is Purpose.FIXED:
        statement = _fixed_statement(book, row.subject.partition(":")[2], language)
        if not statement:
            return "not_fixed"
        given = {"fixed": statement}
    return Due(
        row=row,
        mention=mention,
        about=about,
        visibility=visibility,
        purpose=purpose,
        language=language,
        person=person,
        opted_out=is_opted_out(tx, mention.author_id),
        given=given,
        scenario=scenario,
    )


def _is_private(visibility: Visibility, lead: Mention) -> bool:
    """Tell whether nobody else reads it: a link in public would let everybody answer, so that there a number is asked for."""
    return visibility is Visibility.DM or lead.kind == MentionKind.MESSAGE


def _language(
    book: BrandBook | None, person: PersonKnown, mention: UnderstoodMention, about: UnderstoodMention
) -> Language:
    spoken = [Language(one) for one in book.voice.languages] if book else [Language.JA, Language.EN]
    wrote_in = [one.understanding.language for one in (mention, about) if one.understanding is not None]
    asked = next((one for one in (person.language, *wrote_in) if one in spoken), spoken[0])
    return asked or spoken[0]


def _fixed_statement(book: BrandBook | None, issue_id: str, language: Language) -> str:
    issues = book.known_issues if book else ()
    issue = next((one for one in issues if one.id == issue_id and one.state == "fixed"), None)
    return issue.fixed.say(language).strip() if issue and issue.fixed else ""
