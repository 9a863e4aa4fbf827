"""Every closed vocabulary of the field. Stored as these strings; shown through the catalogues in ``config/locale``."""

from enum import IntEnum, StrEnum


class Language(StrEnum):
    """Language of a text as far as Kikite serves it."""

    JA = "ja"
    EN = "en"
    OTHER = "other"


class MentionKind(StrEnum):
    """What the platform calls the thing that came in."""

    POST = "post"
    COMMENT = "comment"
    REVIEW = "review"
    MESSAGE = "message"


class Engagement(StrEnum):
    """How the author engaged with us: the first input of reply eligibility."""

    MENTIONED = "mentioned"
    REPLIED = "replied"
    QUOTED = "quoted"
    WROTE_DM = "wrote_dm"
    REVIEWED = "reviewed"
    POSTED = "posted"
    """Merely posted; found by search or import."""


class Sentiment(StrEnum):
    """Polarity of the meaning, whoever the target."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Intent(StrEnum):
    """What the writer wants of the shop (labels.md)."""

    COMPLAINT = "complaint"
    PRAISE = "praise"
    QUESTION = "question"
    OTHER = "other"


class Topic(StrEnum):
    """Root cause or subject (labels.md)."""

    DELIVERY = "delivery"
    PRODUCT = "product"
    REFUND = "refund"
    PRICE = "price"
    APP = "app"
    STAFF = "staff"
    OUTAGE = "outage"
    OTHER = "other"


class Urgency(StrEnum):
    """How soon a person must look (labels.md)."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"


class UrgencyRank(IntEnum):
    """Sort key of the queue: smaller is sooner."""

    CRITICAL = 0
    HIGH = 1
    NORMAL = 2
    LOW = 3
    UNKNOWN = 4
    """Not classified yet."""


class Risk(StrEnum):
    """Flags that call a person (labels.md)."""

    SAFETY = "safety"
    LEGAL = "legal"
    PRESS = "press"
    SELF_HARM = "self_harm"
    PERSONAL_DATA = "personal_data"
    PHISHING = "phishing"
    DISCRIMINATION = "discrimination"


class Band(StrEnum):
    """How far a classification may be trusted: unknown always goes to a person."""

    SURE = "sure"
    CHECK = "check"
    UNKNOWN = "unknown"


class ClassificationSource(StrEnum):
    """Who said it."""

    MODEL = "model"
    HUMAN = "human"


class Visibility(StrEnum):
    """Where a reply can be read."""

    PUBLIC = "public"
    DM = "dm"


class DraftKind(StrEnum):
    """The options an approver may choose from."""

    SHORT = "short"
    FULL = "full"
    DM_FIRST = "dm_first"
    BLANK = "blank"
    """Nothing was composed; a person writes it."""


class Purpose(StrEnum):
    """Why we write. A mention has at most one live reply of each purpose and visibility."""

    ANSWER = "answer"
    """To what the customer wrote."""
    FOLLOW_UP = "follow_up"
    """Coming back afterwards: did the right coat arrive?"""
    SURVEY = "survey"
    """One question how it went."""
    FIXED = "fixed"
    """What was reported is mended now (S6)."""
    TESTIMONIAL = "testimonial"
    """May we quote this praise? (S7)"""


class Route(StrEnum):
    """How a reply may leave."""

    API_PUBLIC = "api_public"
    API_DM = "api_dm"
    MANUAL = "manual"
    FORBIDDEN = "forbidden"


class CheckLevel(StrEnum):
    """What a failed check does: warn needs a second press, block stops."""

    WARN = "warn"
    BLOCK = "block"


class DeliveryProblem(StrEnum):
    """Why a delivery was refused, taken back or doubted (``config/locale/delivery.toml``)."""

    TAKEN_BACK = "taken_back"
    """Undone by a person before it left."""
    DECIDED_BY_PERSON = "decided_by_person"
    """A person settled a doubt or a hand-off."""
    POST_GONE = "post_gone"
    POST_EDITED = "post_edited"
    """Its author changed the post after the reply was approved."""
    OPTED_OUT = "opted_out"
    """They said, after the approval, that they want to be left alone."""
    ROUTE_CHANGED = "route_changed"
    """Allowed at approval, not at the moment of sending."""
    CHECKS_FAILED = "checks_failed"
    """A check stops the text now that let it pass at approval: the brand's words or a rule changed."""
    TEXT_CHANGED = "text_changed"
    """The text is not the approved one."""
    PLATFORM_REFUSED = "platform_refused"
    PLATFORM_BUSY = "platform_busy"
    """Not accepted for now; tried again by itself."""
    GAVE_UP = "gave_up"
    NO_CHANNEL = "no_channel"
    """Its account is not connected at present."""
    NO_ANSWER = "no_answer"
    """The call gave no clear answer."""
    STOPPED_MIDWAY = "stopped_midway"
    """The program ended during the call."""
    NOT_THERE = "not_there"
    """The platform was asked and said that the reply is not there."""
    CANNOT_TELL = "cannot_tell"
    """The platform was asked and could not say."""


class Verdict(StrEnum):
    """One decision by one person."""

    APPROVED = "approved"
    EDITED = "edited"
    """Approved after changing the text."""
    REJECTED = "rejected"
    IGNORED = "ignored"


class RejectReason(StrEnum):
    """Keys 1-6 of the reject dialog."""

    WRONG_FACTS = "wrong_facts"
    WRONG_TONE = "wrong_tone"
    WRONG_LABEL = "wrong_label"
    MISSING_INFORMATION = "missing_information"
    NOT_OUR_CASE = "not_our_case"
    OTHER = "other"


class IgnoreReason(StrEnum):
    """Why nobody answers (U6)."""

    JOKE = "joke"
    THIRD_PARTY = "third_party"
    SPAM = "spam"
    COMPETITOR = "competitor"
    HOMONYM = "homonym"
    LEGAL_HOLD = "legal_hold"
    ALREADY_SOLVED = "already_solved"


class SurveyKind(StrEnum):
    """The one question a survey asks."""

    CSAT = "csat"
    """How satisfied, 1 to 5."""
    NPS = "nps"
    """How likely to recommend us, 0 to 10."""


class Role(StrEnum):
    """What a user may do; each role may do what those before it may."""

    VIEWER = "viewer"
    AGENT = "agent"
    APPROVER = "approver"
    ADMIN = "admin"


class Period(StrEnum):
    """How much time a digest covers."""

    DAILY = "daily"


class AlertSeverity(StrEnum):
    """How loudly an alert speaks."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"
