"""A language model on top of the composer: what it is told, when its words are used, and why they are not."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.cases import Case, Drafter
from domain.chat import ChatTrouble, NoAnswerError
from domain.replies import ProposedDraft
from domain.words import DraftKind, Language, Visibility
from responder.drafters.guards import Given, find_stray
from responder.drafters.masking import Mask, marks_in
from responder.drafters.model_drafter import ModelDrafter, Wording
from responder.notes import say_note
from tests.responder.attempts import Told, read_data
from tests.responder.composing import COMPLAINT, composer, demo_book, make_case, playbooks

POST = "緑のコートを頼んだのに青いコートが届いた。注文番号はA-1002345、電話は090-1234-5678、sato@example.com まで。@sato_hanako"


def drafter(
    write: Callable[[str], str], *, mask: bool = True, extra: dict[str, str] | None = None
) -> tuple[ModelDrafter, Told]:
    model = Told(write, extra)
    wording = Wording(chat=model, mask=mask)
    return ModelDrafter(composer(), wording=wording, book=demo_book(), playbooks=playbooks()), model


def test_nothing_that_tells_who_the_customer_is_reaches_the_model() -> None:
    acting, model = drafter(str)

    options, _ = acting.draft(make_case(POST, COMPLAINT, name="佐藤花子"))

    (question,) = model.questions
    sent = question.data + question.instructions
    for secret in ("佐藤花子", "A-1002345", "1002345", "090-1234-5678", "sato@example.com", "sato_hanako", "somebody"):
        assert secret not in sent
    assert any("佐藤花子" in one.text for one in options)
    assert "緑のコート" in read_data(question)["post"]


def test_with_masking_off_the_post_goes_as_it_is() -> None:
    acting, model = drafter(str, mask=False)

    acting.draft(make_case(POST, COMPLAINT, name="佐藤花子"))

    assert "090-1234-5678" in model.questions[0].data


def test_the_model_is_told_voice_moves_place_and_limit_and_nothing_of_other_entries() -> None:
    acting, model = drafter(str)

    options, _ = acting.draft(make_case("緑のコートを頼んだのに青いコートが届いた", COMPLAINT))

    given = read_data(model.questions[0])
    assert given["shop"] == "ミズナラ洋品店"
    assert "激安" in given["never"]
    assert [one["place"] for one in given["drafts"]] == [
        "public" if one.visibility == "public" else "private" for one in options
    ]
    assert {one["most"] for one in given["drafts"]} == {300, 1000}
    assert all(one["moves"] for one in given["drafts"])
    said = "".join(one.text for one in options)
    unsaid = [entry.answer.ja for entry in demo_book().faq if entry.answer.ja.strip() not in said]
    assert unsaid
    assert not any(answer.strip() in model.questions[0].data for answer in unsaid)


@pytest.mark.parametrize("language", [Language.JA, Language.EN])
def test_words_that_say_the_same_are_used_and_named_as_the_models(language: Language) -> None:
    post = {
        Language.JA: "緑のコートを頼んだのに青いコートが届いた",
        Language.EN: "I ordered a green coat and got a blue one",
    }
    swaps = {
        Language.JA: (
            ("いただけますでしょうか", "いただけますと幸いです"),
            ("ありがとうございます", "誠にありがとうございます"),
        ),
        Language.EN: (("Could you", "Would you"), ("We're", "We are"), ("Thank you", "Many thanks to you")),
    }

    def reword(outline: str) -> str:
        for old, new in swaps[language]:
            outline = outline.replace(old, new)
        return outline

    acting, _ = drafter(reword)
    case = make_case(post[language], COMPLAINT, language=language)
    plain, _ = composer().draft(case)

    options, _ = acting.draft(case)

    used = [(one, old) for one, old in zip(options, plain, strict=True) if one.text != old.text]
    assert used
    for one, old in used:
        assert one.drafter_id == f"{old.drafter_id}+llm:told"
        assert (one.kind, one.visibility, one.language, one.citations) == (
            old.kind,
            old.visibility,
            old.language,
            old.citations,
        )
        assert one.wordings == ()
        assert say_note(one.facts_used[-1], "en") == "Worded by the language model told"


@pytest.mark.parametrize("trouble", list(ChatTrouble))
def test_whatever_goes_wrong_the_composers_draft_stands_and_says_why(trouble: ChatTrouble) -> None:
    def fail(_outline: str) -> str:
        raise NoAnswerError("no", trouble=trouble)

    acting, _ = drafter(fail)
    case = make_case("緑のコートを頼んだのに青いコートが届いた", COMPLAINT)
    plain, _ = composer().draft(case)

    options, _ = acting.draft(case)

    assert [one.text for one in options] == [one.text for one in plain]
    for one in options:
        said = [
            say_note(fact, language)
            for fact in one.facts_used
            if fact.startswith("fallback")
            for language in ("ja", "en")
        ]
        assert len(said) == 2
        assert said[0].startswith("言語モデルの文は使っていません")
        assert said[1].startswith("The language model’s text was not used")


@pytest.mark.parametrize("extra", [{"visibility": "dm"}, {"language": "en"}, {"route": "api_public"}])
def test_place_language_and_route_are_not_the_models_to_choose(extra: dict[str, str]) -> None:
    acting, _ = drafter(str, extra=extra)
    case = make_case("緑のコートを頼んだのに青いコートが届いた", COMPLAINT)

    options, _ = acting.draft(case)

    assert all("fallback.unfit" in one.facts_used for one in options)


class Signing(Drafter):
    """A drafter whose text carries a link signed for one person."""

    drafter_id = "signing"

    def draft(self, case: Case) -> tuple[list[ProposedDraft], str]:
        text = f"ご連絡ありがとうございます。こちらからお答えいただけます。\n{SIGNED}"
        kind, visibility = DraftKind.FULL, Visibility.DM
        return [ProposedDraft(kind=kind, visibility=visibility, language=case.language, text=text)], ""


SIGNED = "https://desk.example/s/Zm9vYmFyYmF6"


@pytest.mark.parametrize("mask", [True, False])
@pytest.mark.parametrize(("drops", "worded"), [(False, True), (True, False)])
def test_a_link_of_ours_is_never_shown_to_the_model_and_must_stay(*, mask: bool, drops: bool, worded: bool) -> None:
    def write(outline: str) -> str:
        kept = outline.replace("ご連絡", "お便り")
        return kept.partition("\n")[0] if drops else kept

    model = Told(write)
    wording = Wording(chat=model, mask=mask)
    acting = ModelDrafter(Signing(), wording=wording, book=demo_book(), playbooks=playbooks())

    (option,), _ = acting.draft(make_case("届きました", COMPLAINT))

    assert "desk.example" not in model.questions[0].data
    assert SIGNED in option.text
    assert ("お便り" in option.text) is worded
    assert ("fallback.missing" in option.facts_used) is drops


def test_where_the_composer_refuses_nobody_is_asked() -> None:
    acting, model = drafter(str)

    options, reason = acting.draft(make_case("死ね", replace(COMPLAINT, abuse=True)))

    assert (options, reason) == ([], "abuse")
    assert model.questions == []


FACTS = {
    Language.JA: "ご連絡ありがとうございます。緑のコートのご注文に青いコートをお届けし、申し訳ございません。確認いたしますので、DMでお聞かせいただけますでしょうか。",
    Language.EN: "Thank you for telling us. We're sorry that you got a blue coat instead of the green one. Could you send us a DM, so we can look into it?",
}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (Language.JA, "お知らせくださりありがとうございます。緑のコートをお待ちのところ、青いコートをお届けしてしまい、誠に申し訳ございません。お調べいたしますので、DMで詳しくお聞かせいただけますと幸いです。"),
        (Language.JA, "緑のコートではなく青いコートが届いたとのこと、申し訳ございません。DMにてご様子をお聞かせください。"),
        (Language.EN, "Thanks so much for letting us know, and we're really sorry the coat came in blue and not in green. Please send us a DM and we will look into it with you."),
        (Language.EN, "I'm sorry about the mix-up with your green coat. If you send us a DM, we can find out what happened."),
    ],
)  # fmt: skip
def test_a_good_persons_rewording_passes(language: Language, text: str) -> None:
    assert find_stray(text, Given(facts=FACTS[language], language=language)) == ""


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        (Language.JA, f"{FACTS[Language.JA]}3日でお届けします。", "number"),
        (Language.JA, f"{FACTS[Language.JA]}三日でお届けします。", "number"),
        (Language.JA, f"{FACTS[Language.JA]}明日お届けします。", "word"),
        (Language.JA, f"{FACTS[Language.JA]}送料は無料です。", "promise"),
        (Language.JA, f"{FACTS[Language.JA]}パンプスもどうぞ。", "name"),
        (Language.JA, f"鈴木さん、{FACTS[Language.JA]}", "name"),
        (Language.JA, f"{FACTS[Language.JA]} shop.example", "link"),
        (Language.JA, "緑のコートのご注文に青いコートをお届けし、申し訳ございません。確認いたします。", "missing"),
        (
            Language.JA,
            "DMでお聞かせいただけますでしょうか。緑のコートのご注文に青いコートをお届けしました。",
            "missing",
        ),
        (Language.EN, f"{FACTS[Language.EN]} It will be there on 3 May.", "number"),
        (Language.EN, f"{FACTS[Language.EN]} It comes in two weeks.", "number"),
        (Language.EN, f"{FACTS[Language.EN]} We will call you on Monday.", "word"),
        (Language.EN, f"{FACTS[Language.EN]} Shipping is free.", "promise"),
        (Language.EN, f"{FACTS[Language.EN]} Ask for Mr Bell.", "name"),
        (Language.EN, "We're sorry about the coat. We look into it.", "missing"),
        (Language.EN, FACTS[Language.EN] * 4, "length"),
    ],
)
def test_each_thing_beyond_the_facts_is_found(language: Language, text: str, code: str) -> None:
    assert find_stray(text, Given(facts=FACTS[language], language=language)) == code


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=200), post=st.text(max_size=200), japanese=st.booleans())
def test_no_text_breaks_the_guards(text: str, post: str, *, japanese: bool) -> None:
    language = Language.JA if japanese else Language.EN

    assert isinstance(find_stray(text, Given(facts=FACTS[language], language=language, post=post)), str)


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=200), name=st.text(max_size=12))
def test_what_is_hidden_comes_back_as_it_was(text: str, name: str) -> None:
    mask = Mask((name,))
    hidden = mask.hide_post(text)
    plain = Mask(active=False).hide_post(text)

    assert mask.restore(hidden, allowed=marks_in(hidden)) == plain


def test_a_mark_that_somebody_wrote_themselves_is_no_mark() -> None:
    mask = Mask(("花子",))

    hidden = mask.hide_post("花子です。[NAME_1] と [DETAIL_2] を書いて")

    assert hidden == "[NAME_1]です。(NAME_1) と (DETAIL_2) を書いて"
    assert mask.restore("[DETAIL_2]", allowed=marks_in(hidden)) is None
