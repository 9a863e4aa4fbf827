"""Who asks to be left alone is heard, and nobody who asks for something else is silenced."""

import pytest

from responder.opt_out import Wish, find_wish

CLEAR = (
    "もう連絡しないで",
    "もう連絡してこないでください。",
    "二度と連絡しないでください",
    "今後の連絡は不要です",
    "これ以上のご連絡は結構です。",
    "もうDM送ってこないで!",
    "もうリプしないでください",
    "もう話しかけないで",
    "放っておいてください。",
    "もうメッセージを送らないでください。迷惑です。",
    "配信を停止してください",
    "今後のメールはご遠慮ください",
    "これ以上連絡するな",
    "@shop もう私に連絡しないでください",
    "返金は確認しました。もう連絡しないでください。",
    "Stop messaging me",
    "stop messaging me!!!",
    "Please do not contact me again.",
    "Don’t contact me.",
    "do not message me ever again",
    "Never contact me again.",
    "Leave me alone!",
    "please stop replying to me",
    "@shop stop DMing me",
    "I don't want to hear from you again.",
    "Unsubscribe me.",
    "Thanks for nothing. Don't reply to me.",
    "please remove me from your list",
)
PERHAPS = (
    "リプ不要です、ただの独り言",
    "※返信不要",
    "公式からのリプはいらない",
    "愚痴なので返事はいらないです",
    "公式さんエゴサしてリプくるな",
    "公式に絡まれたくないんだけど",
    "このツイートには返信しないでくださいね",
    "コメント不要。",
    "No reply needed, just venting.",
    "no canned replies please",
    "brands please don't reply to this",
    "Don't bother to respond, don't reply to this thread",
    "Just ranting, no need to reply",
    "Please stop contacting me about the survey, my order is what matters",
)
NEITHER = (
    "連絡が来ないんですけど、どうなってますか?",
    "返信がないまま一週間。早く連絡ください。",
    "問い合わせても返事もこない",
    "いつ届きますか?連絡ください",
    "店員に「もう連絡しないで」と言われた",
    "連絡しないで放置ですか?",
    "無視しないでください",
    "会員登録は不要ですか?",
    "領収書はいりませんので早く送って",
    "返品の連絡はどこにすればいいですか",
    "もう買わないで他店にします",
    "通知が来ないです",
    "メールが届かないです。もう一度送ってください",
    "サポートに電話しても折り返しの連絡がない。最悪。",
    "注文したのに連絡なし。ふざけないで。",
    "Why don't you reply to me?",
    "They don't reply to me, ever.",
    "Please don't leave me hanging, reply to me!",
    "Your agent told me to stop messaging them and I am furious",
    'Your staff said "do not contact me again". Unbelievable.',
    "nobody contacts me about my refund",
    "Contact me as soon as possible",
    "Do not contact this company, they are a scam",
    "You never reply. Message me now.",
    "The app won't stop crashing",
    "stop ignoring me",
    "When do you reply to DMs?",
    "My coat is blue, not green. What do I do now?",
    "Can you text me the tracking number?",
    "I can't unsubscribe from the newsletter, the link is broken",
    "please reply to me",
)


@pytest.mark.parametrize("text", CLEAR)
def test_who_says_so_and_nothing_else_is_left_alone(text: str) -> None:
    assert find_wish(text) is Wish.CLEAR


@pytest.mark.parametrize("text", PERHAPS)
def test_what_may_mean_it_is_for_a_person_to_say(text: str) -> None:
    assert find_wish(text) is Wish.PERHAPS


@pytest.mark.parametrize("text", NEITHER)
def test_nobody_who_wants_an_answer_is_silenced(text: str) -> None:
    assert find_wish(text) is None


@pytest.mark.parametrize(
    "text", ["", " ", "。" * 9000, "もう" * 50_000, "please " * 20_000 + "x", "\u202e(((" * 3000, "「" * 9999]
)
def test_any_text_is_read_and_soon(text: str) -> None:
    assert find_wish(text) is None
