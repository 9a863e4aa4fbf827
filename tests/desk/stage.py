"""A desk with a full queue in both languages: what the pages are tested and photographed on."""

from dataclasses import dataclass
from datetime import timedelta

from domain.words import (
    AlertSeverity,
    Band,
    ClassificationSource,
    DraftKind,
    Intent,
    Language,
    Route,
    Sentiment,
    Topic,
    Urgency,
    UrgencyRank,
    Visibility,
)
from storage.alerts import raise_alert
from storage.database import Transaction
from storage.models import ChannelAccount, Classification, Conversation, Draft, Mention, User
from tests.desk.setting import hire, make_context, sign_in
from tests.rows import Thread, make_account, make_conversation_with_mention, make_delivery, make_draft

__all__ = ["Scene", "hire", "label", "make_context", "set_stage", "sign_in"]


def label(
    tx: Transaction,
    mention: Mention,
    *,
    intent: Intent,
    urgency: Urgency,
    topic: Topic = Topic.OTHER,
    constructive: bool | None = None,
    reasons: tuple[str, ...] = (),
    left: timedelta = timedelta(hours=1),
) -> Classification:
    """Label a mention and its conversation as the classifier would."""
    language = Language(mention.language_hint or Language.JA)
    sentiment = {Intent.COMPLAINT: Sentiment.NEGATIVE, Intent.PRAISE: Sentiment.POSITIVE}.get(intent, Sentiment.NEUTRAL)
    row = Classification(
        mention_id=mention.id,
        source=ClassificationSource.MODEL,
        model_id="keyword-ja-en-1",
        language=language,
        sentiment=sentiment,
        intent=intent,
        constructive=constructive,
        suggestion=False,
        abuse=False,
        topic=topic,
        urgency=urgency,
        risks=[],
        needs_reply=True,
        needs_dm=topic in (Topic.PRODUCT, Topic.REFUND),
        band=Band.SURE,
        scores={"intent": 0.93, "constructive": 0.81, "topic": 0.88, "urgency": 0.74},
        reasons=list(reasons),
        created_at=tx.now,
    )
    tx.session.add(row)
    conversation = tx.session.get_one(Conversation, mention.conversation_id)
    conversation.intent = intent
    conversation.sentiment = sentiment
    conversation.topic = topic
    conversation.constructive = constructive
    conversation.language = language
    conversation.band = Band.SURE
    conversation.urgency_rank = UrgencyRank[urgency.name]
    conversation.due_at = tx.now + left
    tx.session.flush()
    return row


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What is on the stage."""

    coat: Thread
    """The wrong coat, in Japanese: first in the queue, three options."""
    coat_drafts: tuple[Draft, ...]
    student: Thread
    praise: Thread
    venting: Thread


def set_stage(tx: Transaction, *, approver: User) -> Scene:
    """Fill the queue, the outbox and the alerts."""
    bluesky = make_account(tx, name="shop", kind="bluesky")
    sandbox = make_account(tx, name="practice", kind="sandbox")
    coat = _coat(tx, bluesky)
    options = _coat_options(tx, coat)
    student = _post(
        tx,
        sandbox,
        "Is there a student discount for the yearly plan? My card was declined once, so I would rather ask first.",
        who=("u/jo_k", "Jo"),
        minutes=18,
        language=Language.EN,
    )
    label(
        tx,
        student.mention,
        intent=Intent.QUESTION,
        urgency=Urgency.NORMAL,
        topic=Topic.PRICE,
        left=timedelta(minutes=22),
    )
    make_draft(
        tx,
        mention=student.mention,
        text="Hi Jo, thanks for asking! There is: students get 20 % off the yearly plan. "
        "Choose “Student” at checkout and we will guide you through. The Midori team",
        citations=[{"kind": "faq", "reference": "student-discount", "title": "Student discount", "score": 0.91}],
    )
    praise = _post(
        tx, bluesky, "乗り換えてから速すぎて感動。サポートも神対応でした", who=("tk_0812.example", "たけ"), minutes=25
    )
    label(tx, praise.mention, intent=Intent.PRAISE, urgency=Urgency.LOW, topic=Topic.STAFF, left=timedelta(hours=7))
    make_draft(
        tx,
        mention=praise.mention,
        language=Language.JA,
        text="うれしいお言葉をありがとうございます。担当者にも必ず伝えます。",
    )
    venting = _post(tx, bluesky, "また値上げかよ、もう解約するわ最悪", who=("norisuke.example", "norisuke"), minutes=31)
    label(
        tx,
        venting.mention,
        intent=Intent.COMPLAINT,
        urgency=Urgency.LOW,
        topic=Topic.PRICE,
        constructive=False,
        left=timedelta(hours=6),
    )
    _unread(tx, sandbox)
    _outbox(tx, sandbox, approver=approver)
    raise_alert(
        tx,
        "delivery_refused",
        dedupe_key="refused:1",
        severity=AlertSeverity.WARNING,
        values={"channel": "practice", "detail": "403"},
        conversation_id=praise.conversation.id,
    )
    return Scene(coat=coat, coat_drafts=options, student=student, praise=praise, venting=venting)


def _coat(tx: Transaction, account: ChannelAccount) -> Thread:
    coat = _post(
        tx,
        account,
        "緑の冬コートを注文したのに青が届きました。@shop 土曜の結婚式に着ていく予定だったので困っています。交換できますか？",
        who=("mika_s.example", "みか"),
        minutes=12,
    )
    label(
        tx,
        coat.mention,
        intent=Intent.COMPLAINT,
        urgency=Urgency.HIGH,
        topic=Topic.PRODUCT,
        constructive=True,
        reasons=("rule: deadline", "own_order: 注文したのに", "fact: 青が届き"),
        left=timedelta(minutes=3),
    )
    return coat


def _coat_options(tx: Transaction, coat: Thread) -> tuple[Draft, ...]:
    sources = [
        {"kind": "policy", "reference": "exchange", "title": "商品の交換", "score": 0.88},
        {"kind": "faq", "reference": "wrong-item", "title": "違う商品が届いたとき", "score": 0.74},
    ]
    common = {
        "language": Language.JA,
        "citations": sources,
        "reason_code": "reply_open",
        "rule_id": "bluesky.mentioned",
        "rule_date": "2026-08-01",
        "drafter_id": "composer-1",
    }
    full = make_draft(
        tx,
        mention=coat.mention,
        text="ご連絡ありがとうございます。ご注文と違うお色のコートをお届けしてしまい、申し訳ございません。"
        "お急ぎのところ恐れ入りますが、DMでご連絡いただけますでしょうか。すぐに確認し、対応をご案内いたします。",
        **common,
    )
    short = make_draft(
        tx,
        mention=coat.mention,
        kind=DraftKind.SHORT,
        text="違うお色が届いたとのこと、申し訳ございません。お手数ですが、DMでご連絡いただけますでしょうか。",
        **common,
    )
    direct = make_draft(
        tx,
        mention=coat.mention,
        visibility=Visibility.DM,
        text="このたびは違うお色のコートをお届けし、申し訳ございません。土曜に間に合うよう手配を確認いたします。",
        **common,
    )
    return (full, short, direct)


def _unread(tx: Transaction, account: ChannelAccount) -> None:
    hostile = "<script>alert(1)</script> \u202e\u2067evil\u2069 javascript:alert(2) " + "あ" * 300
    unread = _post(tx, account, hostile, who=("<b>eve</b>", "<img src=x onerror=alert(3)>"), minutes=40)
    unread.mention.url = "javascript:alert(4)"
    unread.author.url = "data:text/html,<script>alert(5)</script>"
    tx.session.flush()


def _outbox(tx: Transaction, account: ChannelAccount, *, approver: User) -> None:
    states: tuple[tuple[str, dict[str, object]], ...] = (
        ("uncertain", {"problem": "no_answer", "problem_detail": "504 Gateway Timeout"}),
        ("handed_off", {"route": Route.MANUAL}),
        ("sent", {"url": "https://social.example/post/1"}),
    )
    for state, columns in states:
        thread = _post(tx, account, "配送状況を教えてください", who=("yuu.example", "ゆう"), minutes=90)
        thread.mention.url = "https://social.example/post/0"
        draft = make_draft(
            tx,
            mention=thread.mention,
            language=Language.JA,
            text="お問い合わせありがとうございます。状況をお調べします。",
        )
        hold = {"hold_until": tx.now - timedelta(minutes=5)}
        sent = {"sent_at": tx.now - timedelta(minutes=4)} if state == "sent" else {}
        make_delivery(tx, draft=draft, approved_by=approver, state=state, **hold, **sent, **columns)


def _post(
    tx: Transaction,
    account: ChannelAccount,
    text: str,
    *,
    who: tuple[str, str],
    minutes: int,
    language: Language = Language.JA,
) -> Thread:
    handle, name = who
    author: dict[str, object] = {"display_name": name, "handle": handle}
    return make_conversation_with_mention(
        tx,
        text=text,
        account=account,
        created_at=tx.now - timedelta(minutes=minutes),
        url=f"https://social.example/{handle}/1" if "<" not in handle else "",
        language_hint=str(language),
        author=_author_columns(tx, handle) | author,
    )


def _author_columns(tx: Transaction, handle: str) -> dict[str, object]:
    """Return an identity of its own for each post, so that a handle may write twice."""
    return {"external_id": f"{handle}-{tx.session.query(Mention).count()}", "first_seen_at": tx.now}
