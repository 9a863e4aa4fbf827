"""Checks of apologies: there is one, it comes before what we ask, it weighs enough, and nothing takes it back."""

from collections.abc import Iterator, Sequence

import regex

from domain.words import Language
from responder.checks.finding import Finding, found
from responder.checks.keigo import REQUEST
from responder.checks.written import Written

APOLOGY = regex.compile(
    r"申し訳|申しわけ|お詫び|おわび|すみません|すいません|ごめん|失礼(?:いた|致)?しました|ご迷惑をおかけ"
)
LIVELY = regex.compile(
    r"[!！♪☆★♡♥]|\p{Extended_Pictographic}|\p{Emoji_Presentation}|[(（][^()（）ぁ-んァ-ヶ一-龥a-zA-Z0-9]{3,}[)）]"
)
NOT_LIVELY = frozenset("©®™")
CUSHION_APOLOGY = regex.compile(
    r"申し?訳(?:ございません|ありません|ない)(?:の?です)?が|お詫びの(?:お?品|しるし|クーポン)"
)
ACKNOWLEDGED = regex.compile(
    r"思いを(?:させ|おかけ)|をおかけし|お察し|お気持ち|ご期待に(?:沿え|添え|お応えでき)|残念|がっかり|お待たせ|至らず|ごもっとも|もっとも|つらい|心配|ご?不安|驚か"
)
TROUBLE_OF_ASKING = regex.compile(r"(?:お手数|ご面倒|お手間)を?お(?:かけ|掛け)し")
HEAVY = regex.compile(r"申し訳|申しわけ|お詫び|おわび")
APOLOGY_EN = regex.compile(r"\b(?:sorry|apologi[sz]\w*|apolog(?:y|ies))\b", regex.IGNORECASE)
ACKNOWLEDGED_EN = regex.compile(
    r"\b(?:we hear you|we get it|(?:isn't|not|n't) (?:good enough|ok(?:ay)?|right|fair|the service)|shouldn't|should not have|let you down"
    r"|understand|frustrat\w+|disappoint\w+|annoying|upset\w*|a pain|rough|horrible|awful|deserve\w*|hate that|hard to (?:read|hear))\b",
    regex.IGNORECASE,
)
HEAVY_EN = regex.compile(
    r"\b(?:so|very|truly|deeply|really|terribly|extremely|genuinely|sincerely) (?:very )?(?:sorry|apolog)|\bapologi[sz]e\b|\b(?:sincere|deepest) apolog",
    regex.IGNORECASE,
)
REQUEST_EN = regex.compile(r"\b(?:please|could you|can you|would you|if you could)\b", regex.IGNORECASE)
NO_REQUEST_EN = regex.compile(
    r"\bplease (?:accept|know|don't worry|rest assured)\b|\b(?:medical|doctor|hospital|emergency|call for help|fire service|ambulance|get out|call 999|call 911|danger|keep away|stop (?:using|wearing|eating)"
    r"|(?:don['’]t|do not|never) (?:use|wear|eat|drink|touch|switch|charge|drive|let|go near)|stay (?:clear|away)|somewhere safe|(?:put|set|keep) (?:it|them|this|these) (?:aside|away|out of)|(?:advice|treatment) (?:you|they) (?:were|have)|out of (?:their|his|her|your|the) reach)\b",
    regex.IGNORECASE,
)
SAFETY_FIRST = regex.compile(
    r"医療機関|病院|医師|救急|119|110|(?:ご使用|お使い|お召し上がり|ご利用)(?:を|に)?(?:おやめ|中止|お控え|なら)|離れ|避難"
)
BUT = regex.compile(
    r"(?:,|;| -| –|—)\s*(?:but|however|though|yet)\b|\bbut (?:it|that|you|the|this|we (?:did|do|are|were|have))\b|\b(?:although|even though)\b",
    regex.IGNORECASE,
)
BUT_FIRST = regex.compile(r"^(?:but|however|that said|having said that|then again|still),?\b", regex.IGNORECASE)
HAPPY = regex.compile(r"(?![©®™🙏💙💚💛🧡💜🖤🤍❤😔😢😞🥺☹😟])[\p{Extended_Pictographic}\p{Emoji_Presentation}]")


def find_apology_faults(written: Written) -> Iterator[Finding]:
    """Yield what is wrong with the apology of the text, or that there is none."""
    english = written.language is Language.EN
    apology = APOLOGY_EN if english else APOLOGY
    bodies = [CUSHION_APOLOGY.sub("", sentence) for sentence in written.sentences]
    first = next((place for place, body in enumerate(bodies) if apology.search(body)), None)
    if first is None:
        yield from _find_missing(written, ACKNOWLEDGED_EN if english else ACKNOWLEDGED)
        return
    if written.context.complaint:
        acknowledged = ACKNOWLEDGED_EN if english else ACKNOWLEDGED
        yield from _find_request_before(bodies, first, english=english, acknowledged=acknowledged)
    heavy = HEAVY_EN if english else HEAVY
    if written.context.grave and not any(heavy.search(body) for body in bodies):
        yield found("light_apology", bodies[first])
    lively = HAPPY.search(written.text) if english else _find_lively(written.text)
    if lively:
        yield found("lively_apology", lively.group())
    if english:
        yield from _find_but(written.sentences)


def _find_missing(written: Written, acknowledged: regex.Pattern[str]) -> Iterator[Finding]:
    apology = APOLOGY_EN if written.language is Language.EN else APOLOGY
    if not written.context.complaint or any(apology.search(said) for said in written.context.said_to_person):
        return
    heard = acknowledged.search(TROUBLE_OF_ASKING.sub("", written.plain))
    if not heard:
        yield Finding(code="missing_apology")
    elif written.context.grave:
        yield found("light_apology", heard.group())


def _find_request_before(
    bodies: Sequence[str], first: int, *, english: bool, acknowledged: regex.Pattern[str]
) -> Iterator[Finding]:
    request, no_request = (REQUEST_EN, NO_REQUEST_EN) if english else (REQUEST, SAFETY_FIRST)
    for body in bodies[:first]:
        if acknowledged.search(TROUBLE_OF_ASKING.sub("", body)):
            return
        if request.search(body) and not no_request.search(body):
            yield found("apology_order", body)
            return


def _find_lively(text: str) -> regex.Match[str] | None:
    return next((match for match in LIVELY.finditer(text) if match.group() not in NOT_LIVELY), None)


def _find_but(sentences: Sequence[str]) -> Iterator[Finding]:
    for place, sentence in enumerate(sentences):
        apology = APOLOGY_EN.search(sentence)
        if not apology:
            continue
        following = sentences[place + 1] if place + 1 < len(sentences) else ""
        if BUT.search(sentence, apology.end()):
            yield found("but_after_apology", sentence)
        elif BUT_FIRST.search(following):
            yield found("but_after_apology", following)
