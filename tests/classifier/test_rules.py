"""Rules beside the model: what is grave is never missed for want of a word, and a figure of speech is no emergency."""

import time
from collections.abc import Iterator, Mapping

import pytest

from classifier.backends.evidence import collect
from classifier.backends.lexicon import read_table
from classifier.backends.pairs import HINTS, NEAR
from classifier.backends.rules import OWN_DETAILS, PHISHING, RULES, Fired, find_fired
from config.locale import catalogue
from domain.words import Intent, Language, Risk

JA, EN = Language.JA, Language.EN


def group_names(table: Mapping[str, object], prefix: str = "") -> Iterator[str]:
    """Yield the dotted names of the tables in a word list."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield f"{prefix}{key}"
            yield from group_names(value, f"{prefix}{key}.")


def fired_by(text: str, language: Language) -> tuple[Fired, ...]:
    return find_fired(text, collect(text, language=language))


def names(text: str, language: Language) -> set[str]:
    return {fired.rule.name for fired in fired_by(text, language)}


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("充電していたら本体から煙が出ました", JA, "safety"),
        ("食べたあと子どもがじんましんを起こして病院に行きました", JA, "safety"),
        ("The charger caught fire last night", EN, "safety"),
        ("my toddler swallowed the battery from the remote", EN, "safety"),
        ("店に火をつけてやる", JA, "threat"),
        ("I know where you live, watch your back", EN, "threat"),
        ("もう死にたいです", JA, "self_harm"),
        ("I want to end my life over this", EN, "self_harm"),
        ("マイページに他人の住所が表示されています", JA, "personal_data"),
        ("I can see someone else's address in my account", EN, "personal_data"),
        ("アカウントが乗っ取られました", JA, "takeover"),
        ("my account was hacked", EN, "takeover"),
        ("弁護士に相談します", JA, "legal"),
        ("see you in small claims court", EN, "legal"),
        ("週刊誌に取材してもらいます", JA, "press"),
        ("I am a journalist writing a story about you", EN, "press"),
        ("御社を名乗る不審なメールが届きました", JA, "phishing"),
        ("there's a fake site pretending to be you", EN, "phishing"),
        ("外国人だからと入店を断られました", JA, "discrimination"),
        ("they refused my guide dog", EN, "discrimination"),
        ("折り返しください。私の携帯は090-1234-5678です", JA, "own_details"),
        ("call me, my number is 07700 900123", EN, "own_details"),
    ],
)
def test_a_word_is_enough_and_the_rule_has_a_name(text: str, language: Language, name: str) -> None:
    assert name in names(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("推しに刺さりまくって心が燃えています", JA),
        ("爆発的に売れてますね！おめでとうございます", JA),
        ("口に入れても大丈夫な素材ですか", JA),
        ("燃えるごみに出せますか？", JA),
        ("燃えるような赤がきれいです", JA),
        ("授乳中でも使えますか", JA),
        ("this sale is on fire and my wallet is bleeding", EN),
        ("this lipstick is dangerously good", EN),
        ("it sparks joy every morning", EN),
        ("Is this safe while breastfeeding?", EN),
        ("the smoked salmon was lovely", EN),
        ("", JA),
        ("", EN),
    ],
)
def test_figures_of_speech_and_questions_beforehand_fire_nothing(text: str, language: Language) -> None:
    assert names(text, language) == set()


GRAVE = [
    ("肉まんを割ったら中から小さなネジが出てきました", JA, "safety"),
    ("缶を開けたらスープの表面にカビが浮いていた", JA, "safety"),
    ("卵アレルギーだと伝えたのに、タルトに卵が入っていました。今、発疹が出ています", JA, "safety"),
    ("昨日買ったベビーカーのブレーキが坂で効かなくなりました", JA, "safety"),
    ("このクリームを塗ったら翌朝まぶたが開かず、眼科で見てもらいました", JA, "safety"),
    ("点検に来た業者の人に腕をつかまれました", JA, "safety"),
    ("次に見かけたら店ごと燃やしてやるから覚悟しとけ", JA, "threat"),
    ("もう生きている意味がありません", JA, "self_harm"),
    ("もう疲れました。今夜、屋上に行きます。さようなら", JA, "self_harm"),
    ("届いた封筒に別の方の氏名と口座の明細が入っていました", JA, "personal_data"),
    ("案内メールで全員のアドレスが丸見えになっていますよ", JA, "personal_data"),
    ("見覚えのない端末からログインの通知が来て、パスワードも変えられています", JA, "takeover"),
    ("出るところに出ます。司法書士にも相談済みです", JA, "legal"),
    ("この件は地元紙の記者に全部話します", JA, "press"),
    ("御社の名前でSMSが来てカード番号を聞かれたのですが本物ですか", JA, "phishing"),
    ("車椅子の母と行ったら、迷惑なので帰ってくださいと言われました", JA, "discrimination"),
    ("名字を見て「外国の方は契約できません」と断られた", JA, "discrimination"),
    ("Bit into the sandwich and there was a rusty screw in it", EN, "safety"),
    ("there were maggots all over the rice", EN, "safety"),
    ("I asked for no peanuts. It contained peanuts and my son's lips are swelling", EN, "safety"),
    ("The brake lever on the pushchair came off going downhill", EN, "safety"),
    ("used your cream twice and had to see a doctor, my eyes are swollen", EN, "safety"),
    ("your driver shoved me and spat at my brother", EN, "safety"),
    ("tell your manager I know what time he finishes and where he parks", EN, "threat"),
    ("I don't want to be here any more, I have the pills next to me", EN, "self_harm"),
    ("there is nothing left to live for", EN, "self_harm"),
    ("you posted me somebody else's bank statement", EN, "personal_data"),
    ("the newsletter went out with everyone's email in cc", EN, "personal_data"),
    ("someone has changed my email and ordered a laptop on my account", EN, "takeover"),
    ("I've filled in the court papers, see you in front of a judge", EN, "legal"),
    ("the local paper has my photos and runs the story on Friday", EN, "press"),
    ("got a text with your logo that wants my card details, is it from you?", EN, "phishing"),
    ("they laughed at my wife's accent and told us to go home", EN, "discrimination"),
    ("we were asked to leave because my dad is in a wheelchair", EN, "discrimination"),
]

HARMLESS = [
    ("パンの生地がふわふわでおいしい", JA),
    ("ネジが一本足りませんでした", JA),
    ("卵アレルギーがあるのですが、食べられるケーキはありますか", JA),
    ("自転車の色が写真と違います", JA),
    ("病院の帰りに寄ったらお花が安かった", JA),
    ("店員さんに手を振ったら振り返してくれた", JA),
    ("早く新作を着て夜道を歩きたい", JA),
    ("おいしすぎて死ぬかと思った", JA),
    ("推しの卒業公演、今までありがとう、さようなら", JA),
    ("知らない人に道を聞かれて仲良くなった", JA),
    ("届け先の住所と名前を変えたいです", JA),
    ("誰かが勝手に予約を横取りするって本当に人気なんですね", JA),
    ("裁判官のドラマ、今季いちばん好き", JA),
    ("この椅子、テレビで紹介されてましたね", JA),
    ("新聞紙に包まれて届きました", JA),
    ("本物の革ですか", JA),
    ("ログイン画面のURLを教えてください", JA),
    ("車椅子で入れますか", JA),
    ("外国人の友人へのお土産にしたいです", JA),
    ("came in a lovely glass jar, will reuse it", EN),
    ("the screws were missing from the flat pack", EN),
    ("do you have anything gluten free?", EN),
    ("the bike is the wrong colour", EN),
    ("bought grapes for my mum in hospital", EN),
    ("your driver waited while I found my shoes, bless him", EN),
    ("this soup is to die for", EN),
    ("said goodbye to my savings at your sale", EN),
    ("can someone else collect my order for me?", EN),
    ("please change the address on my account", EN),
    ("don't judge me, I bought four", EN),
    ("it came wrapped in old newspaper", EN),
    ("saw this on TV and had to have it", EN),
    ("is this real leather?", EN),
    ("how do I change my password?", EN),
    ("do you have wheelchair access?", EN),
    ("my husband laughed when he saw the size of it", EN),
]


@pytest.mark.parametrize(("text", "language", "name"), GRAVE)
def test_two_words_that_belong_together_are_enough(text: str, language: Language, name: str) -> None:
    assert name in names(text, language)


@pytest.mark.parametrize(("text", "language"), HARMLESS)
def test_one_of_the_two_alone_is_everyday_talk(text: str, language: Language) -> None:
    assert names(text, language) == set()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("ご請求に問題があり、アカウントを停止しました。24時間以内にこちらで本人確認を → http://pay.example.com/k", JA),
        ("Your wallet is suspended. Verify your card within 24h at wallet-help.example.com", EN),
    ],
)
def test_a_lure_is_known_by_its_link_its_alarm_and_its_hurry(text: str, language: Language) -> None:
    (fired,) = fired_by(text, language)
    assert fired.rule is PHISHING
    assert not any("example" in word or "http" in word for word in fired.words)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("注文の確認ページが開きません https://shop.example.com/order", JA),
        ("ご請求に問題があり、24時間以内に本人確認が要ると言われました", JA),
        ("my order page is empty, see https://shop.example.com/order", EN),
        ("I updated my card today at www.shop.example and still cannot pay", EN),
        ("本日カードを更新したのですが https://shop.example.com で表示されません", JA),
        ("support says my card is on hold and I must verify within 24h", EN),
    ],
)
def test_a_link_or_an_alarm_alone_is_no_lure(text: str, language: Language) -> None:
    assert names(text, language) == set()


def test_the_number_in_an_advertisement_is_nobodys_own() -> None:
    assert names("即日融資、審査なし。090-1234-5678", JA) == set()
    assert names("折り返しは090-1234-5678へお願いします", JA) == {"own_details"}


def test_words_of_a_pair_far_apart_or_denied_say_nothing() -> None:
    far = (
        "カビ取り剤を買いました。" + "使い方の説明も読みやすく、掃除がとても楽になりました。" * 3 + "パンも買いました。"
    )
    assert names(far, JA) == set()
    assert names("パンにカビはありませんでした", JA) == set()


def test_every_half_of_a_pair_has_its_other_half_in_both_languages() -> None:
    for name in ("ja.toml", "en.toml"):
        assert {*HINTS, *NEAR} <= set(group_names(read_table(name)))


def test_the_words_that_set_a_rule_off_are_told_but_never_a_persons_own_details() -> None:
    (fired,) = fired_by("弁護士に相談します", JA)
    assert fired.words == ("弁護士",)
    (details,) = fired_by("私の携帯は090-1234-5678です", JA)
    assert details.rule is OWN_DETAILS
    assert "090" not in "".join(details.words)


def test_every_rule_has_words_for_people_and_every_risk_a_rule() -> None:
    rules = (*RULES, OWN_DETAILS)
    assert {f"rule.{rule.name}" for rule in rules} <= catalogue("reasons").keys()
    assert {rule.risk for rule in rules} == set(Risk)


def test_a_threat_or_a_life_in_danger_yields_to_no_intent() -> None:
    assert {rule.name for rule in RULES if not rule.yields_to} >= {"self_harm", "threat", "phishing"}
    assert not any(Intent.COMPLAINT in rule.yields_to for rule in RULES)


@pytest.mark.parametrize("text", ["あ" * 100_000, "fire " * 20_000, "煙が出" * 30_000, "\x00\ud800", "\u202e" * 5_000])
def test_hostile_text_costs_little_and_raises_nothing(text: str) -> None:
    begun = time.process_time()
    for language in (JA, EN):
        fired_by(text, language)
    assert time.process_time() - begun < 2
