"""Nothing of an earlier customer's case ever stands in a reply that is told again: Japanese and English, drafted and hand-written."""

import pytest

from domain.words import Language
from storage.database import Database
from storage.models import User
from tests.cast import OURS
from tests.responder.approved.earlier import answer, ask, compose, is_approved

POST = {
    Language.EN: "I ordered the green winter coat and got a blue one. What do I do now?",
    Language.JA: "緑のコートを注文したのに、青いのが届きました。どうしたらいいですか。",
}
AGAIN = {
    Language.EN: "I ordered the red winter coat and got a black one. What do I do now?",
    Language.JA: "赤いコートを注文したのに、黒いのが届きました。どうしたらいいですか。",
}
NAMES = {Language.EN: "Emma Jones", Language.JA: "山本かおり"}
NEW_NAMES = {Language.EN: "Priya", Language.JA: "ゆき"}

# What an approver might have added for one customer, and the part of it that nobody else may read.
ADDED = {
    Language.EN: (
        ("Your order 48210 is on our desk.", "48210"),
        ("Your order number is A-77120.", "77120"),
        ("It will be with you by Friday.", "Friday"),
        ("It will be with you on 3 December.", "December"),
        ("We will send it tomorrow.", "tomorrow"),
        ("We have refunded 59 dollars.", "59"),
        ("We have refunded the full $59.90.", "59.90"),
        ("You will get half of it back.", "half"),
        ("You paid for two of them.", "two"),
        ("We will send it to Elm Street.", "Elm"),
        ("We will send it to Brighton.", "Brighton"),
        ("Emma, please look at your inbox.", "Emma"),
        ("Mrs Jones will hear from us.", "Jones"),
        ("We told jones as well.", "jones"),
        ("Your husband can pick it up.", "husband"),
        ("We hope that your wedding goes well.", "wedding"),
        ("We hope that your daughter likes it.", "daughter"),
        ("You wrote to emma@example.com before.", "emma@example.com"),
        ("You can reach us as you did on +44 20 7946 0958.", "7946"),
        ("See https://track.example/48210 for it.", "track.example"),
        ("We have seen your photo @emma_j posted.", "emma_j"),
        ("Your card ending 4242 was not charged.", "4242"),
        ("Your parcel is at the Kyoto depot.", "Kyoto"),
        ("You also asked about the scarf.", "scarf"),
        ("The green one is on its way.", "green"),
        ("The blue one can stay with you.", "blue"),
        ("You called it “a bad joke”.", "bad joke"),
        ("Your voucher WELCOME is valid again.", "WELCOME"),
        ("We are sorry about your allergy.", "allergy"),
        ("We are sorry that the doctor was needed.", "doctor"),
    ),
    Language.JA: (
        ("ご注文番号48210の件です。", "48210"),
        ("ご注文番号はA-77120でございます。", "77120"),
        ("金曜日にお届けいたします。", "金曜"),
        ("12月3日にお届けいたします。", "12月3日"),
        ("明日発送いたします。", "明日"),
        ("5,900円を返金いたしました。", "5,900"),
        ("五千円を返金いたしました。", "五千円"),
        ("代金の半額をお返しいたします。", "半額"),
        ("山本様のご住所へお送りします。", "山本"),
        ("かおりさんにもお伝えしました。", "かおり"),
        ("山本さまのご家族にもお詫び申し上げます。", "山本"),
        ("田中さんからもお話を伺いました。", "田中"),
        ("世田谷区のご自宅へお送りします。", "世田谷"),
        ("ご主人がお受け取りになれます。", "ご主人"),
        ("ご結婚式に間に合うよう手配いたします。", "結婚式"),
        ("お嬢さまに喜んでいただければ幸いです。", "お嬢"),
        ("yamamoto@example.jp へお送りしました。", "yamamoto"),
        ("お電話090-1234-5678へご連絡いたします。", "1234"),
        ("https://track.example/48210 をご覧ください。", "track.example"),
        ("カード下四桁4242へのご請求はございません。", "4242"),
        ("お荷物は京都の営業所にございます。", "京都"),
        ("マフラーの件も承りました。", "マフラー"),
        ("緑のコートをお送りします。", "緑"),
        ("あおいほうはそのままお持ちください。", "あおい"),
        ("「ひどい冗談」とのお言葉、重く受け止めます。", "ひどい冗談"),
        ("みどりのほうをお送りします。", "みどり"),
        ("アレルギーの件、心よりお見舞い申し上げます。", "アレルギー"),
        ("通院なさったとのこと、お見舞い申し上げます。", "通院"),
        ("クーポンWELCOMEをお使いいただけます。", "WELCOME"),
        ("さくらちゃんのお誕生日に間に合わせます。", "さくら"),
    ),
}
CASES = [(language, said, secret) for language, added in ADDED.items() for said, secret in added]


@pytest.mark.parametrize("language", [Language.EN, Language.JA])
def test_a_drafted_reply_is_told_again_with_the_new_facts_only(
    database: Database, ben: User, language: Language
) -> None:
    drafted = compose(POST[language], language, name=NAMES[language])
    with database.transaction(OURS) as tx:
        answer(tx, POST[language], drafted.text, by=ben, language=language, name=NAMES[language], drafted=drafted)

    (first,) = ask(database, AGAIN[language], language=language, name=NEW_NAMES[language])

    assert is_approved(first)
    gone = ("green", "blue", "Emma", "Jones") if language is Language.EN else ("緑", "青", "山本", "かおり")
    there = ("red winter coat", "black", "Priya") if language is Language.EN else ("赤いコート", "黒い", "ゆき")
    assert not [word for word in gone if word in first.text]
    assert [word for word in there if word in first.text] == list(there)


@pytest.mark.parametrize(("language", "said", "secret"), CASES)
def test_what_an_approver_added_for_one_customer_reaches_no_other(
    database: Database, ben: User, language: Language, said: str, secret: str
) -> None:
    drafted = compose(POST[language], language, name=NAMES[language])
    # Before the closing, as a person would write it.
    body, _, closing = drafted.text.rpartition("\n")
    text = f"{body}{' ' if language is Language.EN else ''}{said}\n{closing}"
    assert secret in text
    with database.transaction(OURS) as tx:
        answer(tx, POST[language], text, by=ben, language=language, name=NAMES[language], drafted=drafted)

    for post in (POST[language], AGAIN[language]):
        options = ask(database, post, language=language, name=NEW_NAMES[language])
        assert not [one for one in options if is_approved(one) and said in one.text]
        assert not [one for one in options if is_approved(one) and post == AGAIN[language] and secret in one.text]


@pytest.mark.parametrize("language", [Language.EN, Language.JA])
def test_what_an_approver_took_out_does_not_stop_it(database: Database, ben: User, language: Language) -> None:
    drafted = compose(POST[language], language, name=NAMES[language])
    body, _, _closing = drafted.text.rpartition("\n")
    with database.transaction(OURS) as tx:
        answer(tx, POST[language], body, by=ben, language=language, name=NAMES[language], drafted=drafted)

    (first,) = ask(database, AGAIN[language], language=language, name=NEW_NAMES[language])

    assert is_approved(first)
    assert not first.wordings, "what was edited counts as nobody's wording"


@pytest.mark.parametrize("language", [Language.EN, Language.JA])
def test_whoever_has_no_name_is_greeted_without_one(database: Database, ben: User, language: Language) -> None:
    drafted = compose(POST[language], language, name=NAMES[language])
    with database.transaction(OURS) as tx:
        answer(tx, POST[language], drafted.text, by=ben, language=language, name=NAMES[language], drafted=drafted)

    (first,) = ask(database, AGAIN[language], language=language)

    assert is_approved(first)
    assert not [word for word in ("Emma", "山本", "かおり", "さん、") if word in first.text]
