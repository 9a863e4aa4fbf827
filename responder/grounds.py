"""What a reply to one case may stand on: its scenario, what was named, the known issue, the FAQ, policies, an offer."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from config.brand_book import BrandBook, KnownIssue, Policy
from domain.cases import Case, PurchaseFacts
from domain.words import Intent, Purpose, Topic, Visibility
from responder.citing import Cited, find_cited, find_help, sends_back
from responder.doubt import DOUBTFUL, is_doubtful, mocks
from responder.knowledge import Hit, Shelf, find_issue
from responder.names import address
from responder.orders import is_about_own
from responder.said_back import find_listed, find_said_back
from responder.scenarios import find_scenario, is_looked_up, is_opinion, policy_hint, yields_to_faq
from responder.situations import is_affirmed, is_contradicted, is_surely_praise, settle_intent, settle_scenario
from responder.wishes import is_remedy

KNOWN_ISSUE = "known_issue"
FAQ = "faq"
OFFERING = frozenset({"wrong_item", "lacking", "defect", "transit", "missing", "late"})
UNTOUCHED_BY_ISSUES = frozenset(
    {
        *("breach", "hacked", "takeover", "published", "staff_privacy", "exposed", "phishing", "phishing_entered"),
        *("safety", "danger", "safety_body", "safety_fire", "safety_place", "accident", "lifeline"),
        *("safety_contents", "safety_food", "safety_fumes", "safety_gas", "safety_heat", "safety_hospital"),
        *("safety_injury", "safety_service", "safety_swallowed", "safety_matter", "safety_pet"),
        *("safety_outside", "safety_medicine", "outside", "medicine_wrong", "trapped"),
        *("health", "health_now", "hospital", "treated", "pet_ill", "emergency", "unplugged", "attended"),
        *("broken_glass", "medicine", "vehicle", "fumes"),
        *("staff_threat", "staff_fear", "wages", "bereavement"),
        *("grave", "grave_bare", "discrimination", "venting", "farewell"),
    }
)
OFFERED_AGAIN_DAYS = 90
"""Where a policy sets no limit of its own."""
ABOUT_ORDERS = frozenset({Topic.DELIVERY, Topic.PRODUCT, Topic.REFUND})


@dataclass(frozen=True, kw_only=True, slots=True)
class Grounds:
    """What the replies to one case stand on."""

    scenario: str
    echoed: Mapping[str, str]
    issue: KnownIssue | None = None
    hit: Hit | None = None
    also: Hit | None = None
    """What answers another question of the same post."""
    uncovered: str = ""
    """What ``hit`` leaves open, in our words."""
    helping: Hit | None = None
    """What solves what they complain of."""
    policy: Policy | None = None
    offer: Policy | None = None
    purchase: PurchaseFacts | None = None
    name: str = ""
    private: bool = False
    """Settling it takes what only they and we may read: their order, payment, account, or who served them when."""
    is_relabelled: bool = False
    """It is answered as a complaint, though its label says otherwise."""

    def without(self, names: Collection[str]) -> "Grounds":
        """Return the same, with nothing said back under ``names``."""
        return replace(self, echoed={name: said for name, said in self.echoed.items() if name not in names})


class GroundsFinder:
    """Finds grounds in one brand's book, as of one day. Thread-safe; keeps nothing between cases."""

    def __init__(self, book: BrandBook, today: date, shelf: Shelf) -> None:
        self._book = book
        self._today = today
        self._shelf = shelf

    def reconsider(self, case: Case) -> Case:
        """Return ``case`` as what its situation makes of it: some questions are complaints."""
        return replace(case, prediction=settle_intent(case.prediction, self._find_situations(case), case.text))

    def is_surely_praise(self, case: Case) -> bool:
        """Return whether ``case`` is praise by label and by situation, and does not mock."""
        return is_surely_praise(case.prediction, self._find_situations(case)) and not mocks(case.text)

    def find(self, case: Case) -> Grounds:
        """Return what a reply to ``case`` may stand on."""
        prediction, language = case.prediction, case.language
        product = self._shelf.name_product(self._book, case.text, language)
        listed = find_listed(case.text, language, product=product)
        likely = self._find_situations(case)
        scenario = case.scenario or settle_scenario(
            find_scenario(case.text, language, prediction, listed), likely, prediction, language
        )
        echoed = find_said_back(
            case.text, language, prediction, scenario=scenario, listed=listed, read=self._shelf.find_situations
        )
        is_answer = case.purpose is Purpose.ANSWER
        issue = self._find_issue(case) if is_answer and scenario not in UNTOUCHED_BY_ISSUES else None
        if issue:
            scenario = KNOWN_ISSUE
        elif is_answer and not case.scenario and _is_in_doubt(case, scenario, echoed.get("wish", ""), likely):
            scenario = DOUBTFUL
        cited = self._find_cited(case) if is_answer and yields_to_faq(scenario) else None
        hit = cited.hit if cited else None
        return Grounds(
            scenario=FAQ if hit else scenario,
            echoed=echoed,
            issue=issue,
            hit=hit,
            also=cited.also if cited else None,
            uncovered=cited.uncovered(language) if cited else "",
            helping=find_help(case, scenario, self._search_for(case)) if is_answer and not issue else None,
            policy=self._find_policy(case, scenario) if is_answer else None,
            offer=self._find_offer(case, scenario) if is_answer else None,
            purchase=_find_purchase(case, echoed.get("item", "")),
            name=self._find_name(case),
            private=_is_private(case, hit, scenario, echoed),
        )

    def _find_situations(self, case: Case) -> Mapping[str, float]:
        """Return the chance of each situation the post may tell of; nothing where no model is at hand, or a person's label decides."""
        if case.purpose is not Purpose.ANSWER or not case.prediction.scores:
            return {}
        return self._shelf.find_situations(case.text)

    def _find_name(self, case: Case) -> str:
        voice = self._book.voice
        own = (*voice.words, voice.name.ja, voice.name.en, *voice.forbidden_words)
        called = address(case.person.called, language=case.language, brand_words=own) if case.person.called else ""
        return called or address(case.author_name, language=case.language, brand_words=own)

    def _find_issue(self, case: Case) -> KnownIssue | None:
        in_force = [issue.id for issue in self._book.known_issues if issue.is_open(self._today)]
        return find_issue(
            case.text,
            self._book.known_issues,
            language=case.language,
            topic=case.prediction.topic,
            is_open=in_force,
        )

    def _find_cited(self, case: Case) -> Cited | None:
        if case.prediction.intent is not Intent.QUESTION:
            return None
        cited = find_cited(case.text, case.language, self._search_for(case))
        return None if cited and sends_back(case.text, case.language, cited.hit) else cited

    def _search_for(self, case: Case) -> Callable[[str], list[Hit]]:
        """Return the search of the brand's book for what the first reply to ``case`` may cite; nothing else searches it."""
        retriever = self._shelf.retriever(self._book, case.language)
        visibility = case.visibilities[0] if case.visibilities else Visibility.PUBLIC
        return partial(retriever.search, topic=case.prediction.topic, visibility=visibility, on=self._today)

    def _find_policy(self, case: Case, scenario: str) -> Policy | None:
        """Return the policy that a private reply about ``scenario`` may cite."""
        hint = policy_hint(scenario, case.language)
        if not hint or case.prediction.intent is not Intent.COMPLAINT:
            return None
        retriever = self._shelf.retriever(self._book, case.language)
        return retriever.find_policy(hint, visibility=Visibility.DM, on=self._today)

    def _find_offer(self, case: Case, scenario: str) -> Policy | None:
        """Return the goodwill offer for the case's topic: where goods or parcel went wrong, and none was given lately."""
        if scenario not in OFFERING or case.prediction.intent is not Intent.COMPLAINT:
            return None
        return next((policy for policy in self._book.policies if self._may_offer(policy, case)), None)

    def _may_offer(self, policy: Policy, case: Case) -> bool:
        if not policy.offer or policy.topic is not case.prediction.topic or not policy.is_valid(self._today):
            return False
        pause = timedelta(days=policy.limit_per_person_days or OFFERED_AGAIN_DAYS)
        return all(self._today - given > pause for _policy_id, given in case.person.offers)


def _is_private(case: Case, hit: Hit | None, scenario: str, echoed: Mapping[str, str]) -> bool:
    """Return whether settling it takes private details. It does not where the FAQ says all there is to say, or somebody only tells an opinion."""
    remedy = is_remedy(echoed.get("wish", ""), case.language)
    if hit is not None and not is_about_own(case.text, case.language):
        return False
    if hit is None and is_opinion(scenario) and not remedy:
        return False
    if case.prediction.needs_dm or case.prediction.intent is not Intent.COMPLAINT:
        return case.prediction.needs_dm
    # What a person labelled stays. What they hold in their hands can only be looked at with them, whatever is wrong with it.
    by_records = is_looked_up(scenario) or (not scenario and "item" in echoed)
    return remedy or (by_records and bool(case.prediction.scores))


def _is_in_doubt(case: Case, scenario: str, wish: str, likely: Mapping[str, float]) -> bool:
    """Return whether it may be the other of praise and complaint. Whoever wants it mended or paid back does complain."""
    if case.prediction.intent is Intent.COMPLAINT and is_remedy(wish, case.language):
        return False
    if is_affirmed(case.prediction, likely):
        return False
    return is_contradicted(case.prediction, likely) or is_doubtful(case.prediction, scenario, case.text)


def _find_purchase(case: Case, item: str) -> PurchaseFacts | None:
    """Return the order that the case is about: the one with the thing they named, or their only one."""
    if case.prediction.topic not in ABOUT_ORDERS:
        return None
    purchases = case.person.purchases
    if item:
        named = [one for one in purchases if any(item.casefold() in bought.casefold() for bought in one.items)]
        if named:
            return named[0]
        return None
    return purchases[0] if len(purchases) == 1 else None
