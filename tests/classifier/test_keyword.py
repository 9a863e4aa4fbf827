"""The keyword backend, rule by rule, and what hostile text does to it: nothing."""

import time
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.backends.evidence import collect
from classifier.backends.keyword import MODEL_ID, MOST_REASONS, KeywordBackend
from classifier.backends.lexicon import WEIGHTS, build_lexicon, read_table
from classifier.backends.spelling import (
    KEEP_HEAD,
    KEEP_TAIL,
    cut,
    mask,
    spell_english,
    spell_english_cue,
    spell_japanese,
)
from domain.errors import ConfigError
from domain.understanding import Prediction, TextToClassify
from domain.words import Intent, Language, Risk, Sentiment, Topic, Urgency

JA, EN, OTHER = Language.JA, Language.EN, Language.OTHER


def read(text: str, language: Language = JA, brand_words: tuple[str, ...] = ()) -> Prediction:
    return KeywordBackend().classify([TextToClassify(text=text, language=language, brand_words=brand_words)])[0]


@pytest.mark.parametrize(
    ("text", "language", "sentiment"),
    [
        ("対応がよくない", JA, Sentiment.NEGATIVE),
        ("おすすめできません", JA, Sentiment.NEGATIVE),
        ("可愛くなかった", JA, Sentiment.NEGATIVE),
        ("悪くない、むしろ好き", JA, Sentiment.POSITIVE),
        ("感謝しかない", JA, Sentiment.POSITIVE),
        ("not happy", EN, Sentiment.NEGATIVE),
        ("I wouldn't recommend it", EN, Sentiment.NEGATIVE),
        ("never been happy with it", EN, Sentiment.NEGATIVE),
        ("not bad, I like it", EN, Sentiment.POSITIVE),
        ("I can't wait, love it", EN, Sentiment.POSITIVE),
    ],
)
def test_a_negation_turns_the_word_over(text: str, language: Language, sentiment: Sentiment) -> None:
    assert read(text, language).sentiment is sentiment


@pytest.mark.parametrize(
    ("text", "language", "risk"),
    [
        ("充電中に煙が出ました", JA, Risk.SAFETY),
        ("弁護士に相談します", JA, Risk.LEGAL),
        ("アカウントが乗っ取られました", JA, Risk.PERSONAL_DATA),
        ("もう死にたいです", JA, Risk.SELF_HARM),
        ("The charger caught fire", EN, Risk.SAFETY),
        ("you will hear from my lawyer", EN, Risk.LEGAL),
        ("my account was hacked", EN, Risk.PERSONAL_DATA),
        ("I want to die", EN, Risk.SELF_HARM),
        ("😡 the kettle gave me an electric shock", EN, Risk.SAFETY),
    ],
)
def test_danger_is_critical_by_one_cue_and_the_rule_is_named(text: str, language: Language, risk: Risk) -> None:
    said = read(text, language)
    assert said.urgency is Urgency.CRITICAL
    assert risk in said.risks
    assert said.reasons[0] == f"rule: {risk.value}"


@pytest.mark.parametrize(
    ("text", "language", "rule"),
    [
        ("返金がまだされていません", JA, "money_taken"),
        ("配達済みなのに受け取っていません", JA, "delivered_not_here"),
        ("注文をキャンセルしたいです", JA, "cancel_open"),
        ("明日の誕生日に使うのに発送されていません", JA, "deadline"),
        ("偽サイトに注意してください", JA, "phishing"),
        ("Still no refund after my return", EN, "money_taken"),
        ("Marked as delivered but I never received it", EN, "delivered_not_here"),
        ("I want to cancel my order please", EN, "cancel_open"),
        ("Is your website down again?", EN, "outage"),
    ],
)
def test_what_cannot_wait_is_high_and_says_by_which_rule(text: str, language: Language, rule: str) -> None:
    said = read(text, language)
    assert (said.urgency, said.reasons[0]) == (Urgency.HIGH, f"rule: {rule}")


@pytest.mark.parametrize(
    ("text", "language"),
    [("授乳中でも使えますか？", JA), ("アレルギー表示はどこですか", JA), ("Is this safe while breastfeeding?", EN)],
)
def test_asking_beforehand_is_no_emergency(text: str, language: Language) -> None:
    said = read(text, language)
    assert (said.intent, said.urgency, said.risks) == (Intent.QUESTION, Urgency.NORMAL, frozenset())


def test_an_insult_does_not_undo_the_fact_and_a_verdict_on_the_company_is_no_abuse() -> None:
    mixed = read("無能な店員！注文したのにまだ届きません")
    assert (mixed.constructive, mixed.abuse) == (True, True)
    verdict = read("詐欺みたいな会社だ。最低")
    assert (verdict.constructive, verdict.abuse) == (False, False)


def test_an_explicit_proposal_is_a_suggestion_whatever_the_intent() -> None:
    assert read("アプリにダークモードをつけてほしいです。追加してください").suggestion
    assert not read("まだ届きません").suggestion


def test_the_root_cause_is_the_topic_even_when_money_is_demanded() -> None:
    assert read("壊れた商品が届きました。返金してください").topic is Topic.PRODUCT


def test_the_brands_own_name_carries_no_polarity() -> None:
    text = "I am at Happy Mart right now"
    assert read(text, EN).sentiment is Sentiment.POSITIVE
    assert read(text, EN, brand_words=("Happy Mart",)).sentiment is Sentiment.NEUTRAL


def test_links_and_handles_are_not_read() -> None:
    assert mask("見て @love_shop https://worst.example/最悪 いい") == "見て     いい"
    assert read("@worst_shop https://example.com/terrible", EN).sentiment is Sentiment.NEUTRAL


def test_english_inside_japanese_is_read_too() -> None:
    assert read("ここの customer service は terrible です", JA).sentiment is Sentiment.NEGATIVE


def test_a_language_without_a_list_gets_no_firm_word() -> None:
    said = read("mi pedido no ha llegado", OTHER)
    assert said.intent is Intent.OTHER
    assert max(said.scores.values()) < 0.4


def test_more_evidence_gives_more_confidence_and_none_gives_little() -> None:
    none, some, much = (read(text).scores["intent"] for text in ("あ", "よかった", "最高！大満足です。感動しました"))
    assert none < 0.5 < some < much < 1


def test_reasons_are_the_cues_as_people_wrote_them_and_few() -> None:
    said = read(
        "最悪です。最低。まだ届きません。返金されません。二度と買わない。壊れていた。詐欺。ごみ。ひどい。連絡がない"
    )
    assert len(said.reasons) == MOST_REASONS
    assert any(reason.endswith(("最悪", "最低")) for reason in said.reasons)


HOSTILE = [
    "", " ", "\x00", "\ud800", "😡" * 5_000, "ない" * 25_000, "not " * 12_500, "a" * 50_000, "ー" * 50_000, "と書いてあ" * 10_000,
    "'" * 50_000, "n't" * 15_000, "@" * 50_000, "http://" * 8_000, "\n" * 50_000, "﷽" * 4_000, "{}[]()\\" * 7_000, "1" * 50_000,
    "1,1." * 12_500, "marked as delivered " * 2_500, "\u0301" * 50_000, "<script>alert(1)</script>",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("language", list(Language))
def test_hostile_text_gets_a_prediction_soon(text: str, language: Language) -> None:
    begun = time.process_time()
    said = read(text, language)
    assert time.process_time() - begun < 1
    assert all(0 <= score <= 1 for score in said.scores.values())


@settings(max_examples=150, deadline=None)
@given(text=st.text(alphabet=st.characters(), max_size=120), language=st.sampled_from(list(Language)))
def test_any_text_gets_the_same_valid_prediction_twice(text: str, language: Language) -> None:
    said = read(text, language)
    assert said == read(text, language)
    assert (said.constructive is None) == (said.intent is not Intent.COMPLAINT)
    assert all(0 <= score <= 1 for score in said.scores.values())


@given(texts=st.lists(st.sampled_from(["最高", "最悪", "いつですか？", "あ"]), max_size=20))
def test_a_batch_is_the_texts_one_by_one(texts: list[str]) -> None:
    batch = KeywordBackend().classify([TextToClassify(text=text, language=JA) for text in texts])
    assert batch == [read(text) for text in texts]


def test_a_long_text_is_read_at_both_ends() -> None:
    filler = "あ" * 50_000
    assert len(cut(filler)) == KEEP_HEAD + KEEP_TAIL + 1
    assert read(f"{filler}注文したのにまだ届きません").intent is Intent.COMPLAINT


def test_english_is_written_out_before_it_is_looked_up() -> None:
    assert spell_english(mask("It hasn’t come, can't wait!!! 3,000 km")) == " . it has not come can not wait ! . # km "
    assert spell_english_cue("deliver*") == " deliver"


def test_japanese_spelling_is_unified_before_it_is_looked_up() -> None:
    assert spell_japanese(mask("届いてない〜〜！！！ 三回も、２０日")) == "届いていない! #回も、#日"


def test_the_same_cue_counts_once() -> None:
    assert collect("最悪 最悪 最悪", language=JA).totals == collect("最悪", language=JA).totals


@pytest.mark.parametrize("name", ["ja.toml", "en.toml", "emoji.toml"])
def test_every_list_has_only_known_steps_and_no_entry_twice_in_a_group(name: str) -> None:
    def walk(table: dict[str, object], path: str) -> None:
        seen: list[str] = []
        for key, value in table.items():
            if isinstance(value, dict) and key != "spelling":
                walk(value, f"{path}.{key}")
            elif isinstance(value, list):
                assert key in WEIGHTS, f"{path}.{key}"
                seen += value
        assert len(seen) == len(set(seen)), f"{path}: {sorted({word for word in seen if seen.count(word) > 1})}"

    walk(read_table(name), name)


@pytest.mark.parametrize("name", ["ja.toml", "en.toml"])
def test_no_cue_is_a_bare_number(name: str) -> None:
    lexicon = (
        build_lexicon("ja.toml", prepare=spell_japanese)
        if name == "ja.toml"
        else build_lexicon("en.toml", prepare=spell_english_cue)
    )
    entries = [entry for found in lexicon.cues for _, entry in found]
    bare = {entry.word for entry in entries if not "".join(entry.parts).strip(" #.")}
    assert len(entries) > 5_000
    assert bare <= {"#"}


def test_a_list_that_is_wrong_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifier.backends.lexicon.read_table", lambda _name: {"positive": {"loud": ["x"]}})
    with pytest.raises(ConfigError, match=r"positive\.loud"):
        build_lexicon("en.toml", prepare=str)


def test_the_lists_are_shipped_beside_the_code() -> None:
    assert {"ja.toml", "en.toml", "emoji.toml"} <= {
        path.name for path in files("classifier.backends.lexicon").iterdir()
    }
    assert MODEL_ID == "keyword-ja-en-1"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Ordered the navy jumper. A beige one showed up.", Intent.COMPLAINT),
        ("ネイビーを選んだのですが、箱に入っていたのはベージュでした。", Intent.COMPLAINT),
        ("I bought the green one and it arrived today, I love it", Intent.PRAISE),
    ],
)
def test_a_colour_ordered_and_another_arrived_is_a_wrong_item(text: str, intent: Intent) -> None:
    language = Language.JA if "ネ" in text else Language.EN
    (prediction,) = KeywordBackend().classify([TextToClassify(text=text, language=language)])
    assert prediction.intent is intent
    if intent is Intent.COMPLAINT:
        assert (prediction.topic, prediction.constructive) == (Topic.PRODUCT, True)


def test_a_dialect_ending_that_spells_a_burn_is_no_burn() -> None:
    texts = ("カート全部消えたんやけど。選び直しです", "ケトルのふたが外れて手をやけどしました")
    gone, burnt = KeywordBackend().classify([TextToClassify(text=text, language=Language.JA) for text in texts])
    assert Risk.SAFETY not in gone.risks
    assert Risk.SAFETY in burnt.risks
