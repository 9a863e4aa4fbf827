"""What hides a word from whoever looks for it: bytes that nobody sees, letters of another script, a language that is not served."""

import pytest

from classifier.artefact import read_artefact
from classifier.backends.brand import ADDRESSED, ANTI_WORDS, is_homonym
from classifier.backends.keyword import KeywordBackend
from classifier.backends.model import ModelBackend
from classifier.bands import band_of, thresholds_of
from classifier.language import identify_language
from classifier.preparation import prepare_text
from classifier.visible import show
from domain.ports import ClassifierBackend
from domain.understanding import Prediction, TextToClassify
from domain.words import Band, Intent, Language, Risk, Urgency

JA, EN, OTHER = Language.JA, Language.EN, Language.OTHER


@pytest.fixture(scope="module")
def shipped() -> ModelBackend:
    return ModelBackend(read_artefact())


def read(backend: ClassifierBackend, text: str, language: Language | None = None, **extra: str) -> Prediction:
    given = TextToClassify(text=text, language=language or identify_language(text), brand_words=NAMES, extra=extra)
    return backend.classify([given])[0]


NAMES = ("ミズナラ洋品店", "ミズナラ", "mizunara clothing", "mizunara", "our_shop")


@pytest.mark.parametrize("hidden", ["\x00", "\u200b", "\u200d", "\u2060", "\xad", "\ufeff", "\ud800", "\ufe0f"])
@pytest.mark.parametrize(("text", "language"), [("ended up in hos{}pital", EN), ("病{}院に運ばれた", JA)])
def test_what_nobody_sees_silences_no_alarm(shipped: ModelBackend, text: str, language: Language, hidden: str) -> None:
    post = text.format(hidden)
    assert prepare_text(post) == text.format("")
    for backend in (shipped, KeywordBackend()):
        said = read(backend, post, language)
        assert (said.urgency, Risk.SAFETY in said.risks) == (Urgency.CRITICAL, True)


@pytest.mark.parametrize("text", ["\x00", " \u200b\n", "\ud800", ""])
@pytest.mark.parametrize("language", [JA, EN, OTHER])
def test_a_text_of_which_nothing_is_seen_is_empty(shipped: ModelBackend, text: str, language: Language) -> None:
    assert identify_language(text) is OTHER
    for backend in (shipped, KeywordBackend()):
        said = read(backend, text, language)
        assert (said.intent, said.needs_reply, said.urgency) == (Intent.OTHER, False, Urgency.NORMAL)
        assert band_of(said.scores, language=language, thresholds=thresholds_of(backend)) is Band.UNKNOWN
        assert said.reasons == ("rule: nothing_written",)


def test_white_space_stays_and_letters_of_one_script_are_left_alone() -> None:
    assert show("a\tb\nc\x0bd\x85e") == "a\tb\nc\x0bd\x85e"
    assert show("bаttery cаught fire") == "battery caught fire"  # Cyrillic а
    for text in ("за домом", "αβγ", "5 μm", "Москва ok", "か゛é👨‍👩‍👧".replace("\u200d", "")):
        assert show(text) == text


@pytest.mark.parametrize(
    ("text", "risk"),
    [
        ("wanna die", Risk.SELF_HARM),
        ("food poisoning x3", Risk.SAFETY),
        ("salmonella", Risk.SAFETY),
        ("maggots", Risk.SAFETY),
        ("bаttery cаught fire", Risk.SAFETY),
        ("自殺したい", Risk.SELF_HARM),
    ],
)
@pytest.mark.parametrize("language", [None, OTHER])
def test_a_language_that_is_not_served_silences_no_critical_rule(
    shipped: ModelBackend, text: str, risk: Risk, language: Language | None
) -> None:
    for backend in (shipped, KeywordBackend()):
        said = read(backend, text, language)
        assert (said.urgency, said.needs_reply) == (Urgency.CRITICAL, True)
        assert risk in said.risks
        assert any(reason in {"rule: safety", "rule: self_harm"} for reason in said.reasons)


@pytest.mark.parametrize(
    "text",
    [
        "el hospital está lejos",
        "livraison rapide, merci",
        "die Lieferung war gut",
        "我收到了货，很好",
        "배송 빨라요",
        "Где мой заказ?",
        "mon colis est fichu",
        "c'est à mourir de rire",
        "la cour est belle",
        "legal demais essa loja",
        "fatal, nunca más",
        "poisson frais",
        "kwaliteit is super",
    ],
)
def test_everyday_words_of_other_languages_ring_nothing(shipped: ModelBackend, text: str) -> None:
    said = read(shipped, text, OTHER)
    assert (said.urgency, said.risks, said.reasons) == (Urgency.NORMAL, frozenset(), ("rule: language_not_served",))


@pytest.mark.parametrize(
    ("text", "language"), [("wanna die", EN), ("food poisoning x3", EN), ("gonna cry", EN), ("dad burned", EN)]
)
def test_short_english_of_everyday_words_is_english(text: str, language: Language) -> None:
    assert identify_language(text, prior=JA) is language


ANTI = "oak tree\nキキ\ncask\nウイスキー\n樽"


@pytest.mark.parametrize(
    ("text", "homonym"),
    [
        ("ミズナラ樽のウイスキーが最高", True),
        ("mizunara whisky from the oak tree", True),
        ("the oak trees are lovely", True),
        ("キキが可愛い", True),
        ("casket came broken", False),
        ("キキララのポーチが届かない", False),
        ("@our_shop the oak tree jumper has a hole", False),
        ("mizunara clothing sent me the oak tree jumper", False),
        ("ミズナラ洋品店の樽柄シャツ", False),
    ],
)
def test_an_anti_word_is_a_word_and_gives_way_to_our_name_and_handle(text: str, *, homonym: bool) -> None:
    given = TextToClassify(text=text, language=EN, brand_words=NAMES, extra={ANTI_WORDS: ANTI})
    assert is_homonym(given) is homonym


def test_a_part_of_our_own_name_is_no_anti_word_there() -> None:
    given = TextToClassify(text="Oak Tree Knits is slow", language=EN, brand_words=("Oak Tree Knits",))
    assert not is_homonym(
        TextToClassify(text=given.text, language=EN, brand_words=given.brand_words, extra={ANTI_WORDS: "oak tree"})
    )


def test_what_was_written_to_us_is_about_us(shipped: ModelBackend) -> None:
    text = "the oak tree jumper arrived with a hole, refund please"
    assert read(shipped, text, EN, **{ANTI_WORDS: ANTI, ADDRESSED: "yes"}).intent is Intent.COMPLAINT
    said = read(shipped, text, EN, **{ANTI_WORDS: ANTI})
    assert said.intent is Intent.OTHER
    assert band_of(said.scores, language=EN, thresholds=thresholds_of(shipped)) is Band.CHECK


def test_a_risk_is_stronger_than_an_anti_word(shipped: ModelBackend) -> None:
    said = read(shipped, "your oak tree lamp caught fire and burned my hand", EN, **{ANTI_WORDS: ANTI})
    assert (said.intent, said.urgency) == (Intent.COMPLAINT, Urgency.CRITICAL)


@pytest.mark.parametrize(
    "text",
    [
        "Any news on the refund?",
        "I always look forward to my Saturday paper",
        "no news from you for weeks",
        "good news, it came",
        "any news?",
    ],
)
def test_news_and_papers_of_every_day_are_no_press(shipped: ModelBackend, text: str) -> None:
    assert Risk.PRESS not in read(shipped, text, EN).risks


@pytest.mark.parametrize(
    "text", ["I am a reporter at the local paper, any news on the recall?", "the local paper has my photos"]
)
def test_the_press_itself_still_is(shipped: ModelBackend, text: str) -> None:
    assert Risk.PRESS in read(shipped, text, EN).risks
