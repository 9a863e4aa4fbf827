"""Every wording of every playbook, rendered and read against the gates of its language."""

import re
import tomllib
from collections import Counter
from importlib.resources import files
from itertools import product

import pytest

from config.playbook import Playbook, Wording
from config.playbook_words import all_hold
from domain.replies import Measure
from domain.words import Intent, Language, Purpose, Visibility
from responder.assembly import REPORTING, SPECIFIC, VARIABLE
from responder.checks import TextContext, check_text
from responder.checks.apology import APOLOGY, LIVELY
from responder.wordlists import read_words
from tests.responder.composing import demo_book, playbooks

NEVER_BLANK = {
    "shop": ("ミズナラ洋品店", "Mizunara Clothing"),
    "sign_off": ("ミズナラ洋品店 お客様係", "Your Mizunara care team"),
    "contact_dm": (
        "お手数をおかけしますが、DMで詳しくお聞かせいただけますでしょうか。",
        "Could you send us a DM, so we can look into it?",
    ),
    "name": ("", "Emma"),
    "name_san": ("ゆきさん", ""),
    "name_sama": ("ゆき様", ""),
    "ordered": ("緑のコート", "a green coat"),
    "received": ("青いコート", "a blue one"),
    "item": ("コート", "coat"),
    "place": ("渋谷店", "our London store"),
    "waited": ("2週間", "three weeks"),
    "matter": ("お電話がつながらない", "nobody answers the phone"),
    "subject": ("駐車場", "parking"),
    "detail": ("梱包", "the packaging"),
    "feature": ("ログイン", "signing in"),
    "fee": ("送料", "the shipping cost"),
    "procedure": ("ご返金", "refund"),
    "unheard": ("お返事が届いていない", "nobody has answered your emails"),
    "idea": ("試着室のご予約", "booking a fitting room online"),
    "nth": ("これで三度目", "a third time"),
    "harm": ("かぶれを起こされた", "the rash"),
    "contents": ("素材と加工", "what it's made and treated with"),
    "found": ("別の方の納品書", "someone else's invoice"),
    "thing": ("バッグの持ち手", "the changing rooms"),
    "deadline": ("土曜の発表会", "Saturday's recital"),
    "told": ("お直しが丁寧だった", "she carried your bags to the car"),
    "asked": ("店舗でも返品できるか", "whether you can return it in a shop"),
    "wish": ("ご返金", "a refund"),
    "occasion": ("お母さまの還暦", "your sister's wedding"),
    "joy": ("ご就職", "the new job"),
    "device": ("お使いの端末", "your Android phone"),
    "answer_too": ("ギフト包装は330円で承ります。", "Gift wrapping costs 330 yen."),
    "uncovered": ("セール品", "sale items"),
    "help": ("マイページの「交換を申し込む」からお手続きください。", "Choose Exchange under Orders in your account."),
    "whose": ("お子さま", "your daughter"),
    "staff": ("佐藤", "Devika"),
    "statement": ("原因を確認しております。", "We are looking into it."),
    "answer": ("2日ほどでお届けしております。", "It takes about two days."),
    "policy": ("送料は当店が負担いたします。", "We bear the cost."),
    "offer": ("お詫びのしるしをご用意しております。", "We have a small gift for you."),
    "when": ("月曜日に", "on Monday"),
    "persona": ("佐藤", "Sato"),
    "contact_other": ("お手数ですが、お問い合わせ窓口までお知らせください。", "Please write to us at our help desk."),
    "bought": ("コート", "wool coat"),
    "shipped_on": ("11月18日", "18 November"),
    "expected_on": ("11月20日", "20 November"),
    "link": ("https://shop.example/s/1", "https://shop.example/s/1"),
    "fixed": ("検索が直りました", "the search works again"),
    "url": ("https://shop.example/help", "https://shop.example/help"),
}
SAID_ONCE = {"greet", "sign", "policy", "statement", "answer"}
GATED_MOVES = {"thank", "apologise", "own", "next_step", "to_dm", "ask", "close", "cheer", "care", "follow", "privacy"}
ORDER = (
    "greet",
    "thank",
    "apologise",
    "echo",
    "own",
    "statement",
    "answer",
    "next_step",
    "follow",
    "ask",
    "to_dm",
    "policy",
    "privacy",
    "offer",
    "close",
    "sign",
)


def render(playbook: Playbook, wording: Wording) -> str:
    place = 0 if playbook.language == "ja" else 1
    return VARIABLE.sub(lambda match: NEVER_BLANK[match.group(1)][place], wording.text)


@pytest.mark.parametrize("playbook", playbooks(), ids=lambda playbook: playbook.id)
def test_every_wording_passes_the_checks(playbook: Playbook) -> None:
    for move in playbook.moves:
        for wording in move.wordings:
            found = check_text(
                render(playbook, wording),
                visibility=Visibility.DM if "dm" in move.when else Visibility.PUBLIC,
                language=Language(playbook.language),
                measure=Measure(length=1, limit=0),
                voice=demo_book().voice,
                context=TextContext(hosts=frozenset({"shop.example"}), grounds=NEVER_BLANK["policy"]),
            )

            allowed = {"language", move.move}  # an offer is flagged to the approver wherever it is made
            assert [result for result in found if result.code not in allowed] == [], wording.id
            assert set(re.findall(r"\{(\w+)\}", wording.text)) <= set(NEVER_BLANK)


@pytest.mark.parametrize("playbook", playbooks(), ids=lambda playbook: playbook.id)
def test_moves_come_in_the_order_of_the_gate(playbook: Playbook) -> None:
    places = [
        ORDER.index(move.move) for move in playbook.moves if move.move in {"thank", "apologise", "own", "close", "sign"}
    ]

    assert places == sorted(places)


@pytest.mark.parametrize("playbook", playbooks(), ids=lambda playbook: playbook.id)
def test_every_move_can_be_said_in_at_least_three_ways(playbook: Playbook) -> None:
    for move in playbook.moves:
        if move.move not in GATED_MOVES:
            continue
        plain = [wording for wording in move.wordings if not set(wording.needs) & SPECIFIC]
        by_variables = Counter(frozenset(set(wording.needs) & SPECIFIC) for wording in move.wordings)
        assert len(plain) >= 3, move.move
        assert all(count >= 3 for variables, count in by_variables.items() if variables), by_variables


@pytest.mark.parametrize("phrase", ["恐れ入りますが|お手数", "何卒"])
@pytest.mark.parametrize("playbook", playbooks(), ids=lambda playbook: playbook.id)
def test_no_draft_asks_pardon_for_asking_twice(playbook: Playbook, phrase: str) -> None:
    """Whatever wordings are drawn: of the moves that one draft may have, at most one says it, and that one once."""
    ways = {"needs_dm", "no_dm", "needs_contact", "paired"}
    for where, how, before in product(("public", "dm"), sorted(ways), ("again", "first_time")):
        decided = {"public", "dm", "again", "first_time"} | ways
        holding = {where, how, before}
        most = [
            max(len(re.findall(phrase, render(playbook, wording))) for wording in move.wordings)
            for move in playbook.moves
            if all_hold(tuple(one for one in move.when if one.removeprefix("!") in decided), holding)
        ]
        assert sum(most) <= 1, (where, how, before)


def test_no_apology_is_lively() -> None:
    for playbook in playbooks():
        for move in playbook.moves:
            for wording in move.wordings:
                if playbook.language == "ja" and (APOLOGY.search(wording.text) or playbook.intent is Intent.COMPLAINT):
                    assert not LIVELY.search(wording.text), wording.id


def test_every_scenario_that_a_language_can_meet_has_words_of_its_own() -> None:
    written = {(book.language, book.intent, book.scenario) for book in playbooks()}
    for rule in read_words("scenarios")["scenario"]:
        spoken = [language for language in ("ja", "en") if rule.get(language)] or ["ja", "en"]
        for language, intent in product(spoken, map(Intent, rule["intents"])):
            assert (language, intent, rule["name"]) in written


def test_every_set_of_wordings_is_drawn_from() -> None:
    for file in (files("config") / "playbooks").iterdir():
        if file.name.endswith(".toml"):
            shapes = tomllib.loads(file.read_text(encoding="utf-8"))
            drawn = {move.get("draw") for playbook in shapes["playbook"] for move in playbook["moves"]}
            assert shapes.get("wordings", {}).keys() <= drawn, file.name


def test_praise_never_sells() -> None:
    for playbook in playbooks():
        if playbook.intent is Intent.PRAISE:
            said = " ".join(wording.text for move in playbook.moves for wording in move.wordings)
            assert not re.search(
                r"新作|セール|お買い(?:求め|得)|ぜひ.{0,10}(?:お試し|ご覧)|クーポン|\b(?:sale|buy|order now|new arrivals|shop now|discount)\b",
                said,
                re.IGNORECASE,
            )


def syllables(word: str) -> int:
    return max(1, len(re.findall(r"[aeiouy]+", re.sub(r"e$", "", word.lower()))))


def test_english_can_be_read_by_everybody() -> None:
    """Flesch-Kincaid grade of all English wordings together at most 6, of none of the sentences longer than 26 words."""
    said = [
        render(book, wording)
        for book in playbooks()
        if book.language == "en"
        for move in book.moves
        for wording in move.wordings
    ]
    sentences = [sentence for text in said for sentence in re.split(r"(?<=[.!?:])\s+", text) if sentence]
    words = [word for sentence in sentences for word in re.findall(r"[A-Za-z']+", sentence)]

    grade = 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59

    assert grade <= 6
    assert max(len(re.findall(r"[A-Za-z']+", sentence)) for sentence in sentences) <= 26


def test_a_wording_that_reports_back_is_recognised() -> None:
    """The composer says once that we come back; wordings of the move that only says so must all count."""
    follow = [
        wording for book in playbooks() for move in book.moves if move.move == "follow" for wording in move.wordings
    ]

    assert follow
    assert all(REPORTING.search(wording.text) or "お伝え" in wording.text for wording in follow)


@pytest.mark.parametrize("how", ["needs_dm", "needs_contact", "paired", "no_dm"])
def test_what_must_be_said_in_public_in_japanese_fits_into_140_characters(how: str) -> None:
    """X counts a full-width character twice: of 280, 140 are left. Statements and answers of the brand are its own."""
    for playbook in playbooks():
        if playbook.language != "ja" or playbook.purpose is not Purpose.ANSWER:
            continue
        said = 0
        for move in playbook.moves:
            decided = {"public", "dm", "needs_dm", "needs_contact", "paired", "no_dm"}
            conditions = tuple(one for one in move.when if one.removeprefix("!") in decided)
            if move.optional or move.move in {"statement", "answer"} or not all_hold(conditions, {"public", how}):
                continue
            said += min(len(render(playbook, wording)) for wording in move.wordings)
        assert said <= 140, (playbook.id, said)


def test_what_went_wrong_can_be_said_before_tonokoto() -> None:
    """A clause in the plain form, without a full stop: お電話がつながらない(とのこと)."""
    for entry in read_words("echo")["ja"]["matter"]:
        assert not re.search(r"[。!?]|(?:です|ます|ません|ました)$", entry["say"]), entry["say"]
        assert len(entry["say"]) <= 36, entry["say"]


def test_where_no_dm_can_be_had_no_wording_of_that_way_speaks_of_one() -> None:
    for playbook in playbooks():
        for move in playbook.moves:
            if "needs_contact" in move.when:
                assert not [wording.id for wording in move.wordings if re.search(r"DM|direct message", wording.text)]
