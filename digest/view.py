"""What a digest shows, in words: figures turned into lines in one reader's language. The two templates only arrange it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from config.locale import catalogue, moment, span, text
from config.settings import Settings
from digest.lines import AlertLine, CaseLine, DigestView, Fact, Link, Share, split_hundred
from digest.quoting import quote
from domain.lifecycle import DeliveryState
from domain.words import AlertSeverity, Intent, Urgency
from storage.figures import UNREAD, Figures, ResponseTimes
from storage.models import Alert
from storage.quotes import QuotedCase

SHOWN_ALERTS = 5
SHOWN_TRENDS = 3
MINUTES_ARE_SAID = 120
"""Longer times are said in hours and days."""
SPANS = (
    ("minute", timedelta(minutes=1), timedelta(hours=1)),
    ("hour", timedelta(hours=1), timedelta(hours=48)),
    ("day", timedelta(days=1), timedelta(days=60)),
)
"""Unit, its length, and from where on the next one is said: ten and twelve days are not both two weeks."""


@dataclass(frozen=True, kw_only=True)
class Teller:
    """Turns figures into a view for one language at one moment."""

    settings: Settings
    language: str
    now: datetime
    brands: Mapping[str, str]
    """Brand folder to its name in the reader's language."""

    def view(self, figures: Figures, alerts: list[Alert]) -> DigestView:
        """Return the view of one window."""
        backlog, labels = figures.backlog, figures.labels
        quiet = "" if labels.total else self._say("quiet_waiting" if backlog.waiting else "quiet")
        more = len(alerts) - SHOWN_ALERTS
        hidden = labels.constructive - len(figures.constructive)
        return DigestView(
            language=self.language,
            subject=self._subject(figures),
            title=self._say("title", day=self._moment(figures.window.end, "day_pattern")),
            window=self._window(figures),
            workspace=self._shop_name(),
            desk_url=self.settings.desk_url,
            numbers=(
                Fact(name=self._say("number.new"), value=self._number(labels.total)),
                Fact(name=self._say("number.waiting"), value=self._number(backlog.waiting)),
                Fact(name=self._say("number.overdue"), value=self._number(backlog.overdue)),
            ),
            quiet=quiet,
            alerts=tuple(self._alert(alert) for alert in alerts[:SHOWN_ALERTS]),
            more_alerts=self._say("alerts.more", count=more) if more > 0 else "",
            troubles=self._troubles(figures),
            waiting=tuple(self._case(case, waits=True) for case in figures.longest_waiting),
            shares=self._shares(figures),
            trends=self._trends(figures),
            praise=tuple(self._case(case) for case in figures.praise),
            constructive=tuple(self._case(case) for case in figures.constructive),
            more_constructive=self._say("constructive.more", count=hidden) if hidden > 0 else "",
            times=self._times(figures.times),
            targets=self._targets(),
            sent=self._say("times.sent", count=figures.replies_sent),
            footer=self._footer(),
        )

    def _say(self, key: str, **values: object) -> str:
        return text(f"digest.{key}", self.language, **values)

    def _label(self, key: str) -> str:
        """Return a label's name: the same word as on the desk."""
        return text(f"labels.{key}", self.language)

    def _shop_name(self) -> str:
        """Return what the shop is called in the reader's language; of several brands none is the shop."""
        names = list(self.brands.values())
        return names[0] if len(names) == 1 else self.settings.workspace.name

    def _number(self, number: int) -> str:
        return str(format_decimal(number, locale=self.language))

    def _moment(self, value: datetime, pattern: str) -> str:
        return moment(value, self.language, self.settings.workspace.time_zone, self._say(pattern))

    def _subject(self, figures: Figures) -> str:
        said = self._say(
            "subject",
            name=self._shop_name(),
            new=self._number(figures.labels.total),
            waiting=self._number(figures.backlog.waiting),
            overdue=self._number(figures.backlog.overdue),
        )
        return " ".join(said.split())

    def _window(self, figures: Figures) -> str:
        return self._say(
            "window",
            start=self._moment(figures.window.start, "moment_pattern"),
            end=self._moment(figures.window.end, "moment_pattern"),
            zone=self.settings.workspace.time_zone,
        )

    def _alert(self, alert: Alert) -> AlertLine:
        words = catalogue("alerts")
        known = f"{alert.kind}.title" in words
        said = {part: self._alert_words(alert, part) if known else "" for part in ("title", "remedy")}
        place = f"inbox/{alert.conversation_id}" if alert.conversation_id else "alerts"
        return AlertLine(
            title=said["title"] or alert.kind,
            remedy=said["remedy"],
            severity=alert.severity if alert.severity in set(AlertSeverity) else AlertSeverity.WARNING,
            repeated=self._say("alerts.repeated", count=alert.count) if alert.count > 1 else "",
            url=self._url(place),
        )

    def _alert_words(self, alert: Alert, part: str) -> str:
        values = {name: quote(str(value), link_word=self._say("quote.link")) for name, value in alert.values.items()}
        try:
            return text(f"alerts.{alert.kind}.{part}", self.language, **values)
        except KeyError:
            # Raised by an older version with other values: the mail must go out all the same.
            return ""

    def _url(self, place: str) -> str:
        return f"{self.settings.desk_url}/{place}"

    def _case(self, case: QuotedCase, *, waits: bool = False) -> CaseLine:
        overdue = waits and case.due_at is not None and case.due_at < self.now
        facts = [self._place(case), self._kind(case) if waits else self._topic(case.topic)]
        if waits and case.waiting_since is not None:
            waited = max(self.now - case.waiting_since, timedelta(0))
            facts.append(self._say("waiting.since", span=self._span(waited)))
        if overdue:
            facts.append(self._say("waiting.overdue"))
        known = case.language if case.language in ("ja", "en") else ""
        return CaseLine(
            quote=self._quote(case),
            quote_language=known if case.text else self.language,
            facts=tuple(fact for fact in facts if fact),
            overdue=overdue,
            url=self._url(f"inbox/{case.conversation_id}"),
        )

    def _quote(self, case: QuotedCase) -> str:
        if case.by_dm:
            return self._say("quote.dm")
        return quote(case.text, link_word=self._say("quote.link")) or self._say("quote.gone")

    def _place(self, case: QuotedCase) -> str:
        brand = self.brands.get(case.brand, "") if len(self.brands) > 1 else ""
        return f"{brand} · {case.account_name}" if brand else case.account_name

    def _kind(self, case: QuotedCase) -> str:
        if case.intent == Intent.COMPLAINT:
            return self._share_name("constructive" if case.constructive else "venting")
        return self._share_name(case.intent or UNREAD)

    def _share_name(self, kind: str) -> str:
        if kind == UNREAD:
            return self._say("unread")
        return self._label(f"constructive.{kind}" if kind in ("constructive", "venting") else f"intent.{kind}")

    def _shares(self, figures: Figures) -> tuple[Share, ...]:
        labels = figures.labels
        numbers = {
            "constructive": labels.constructive,
            "venting": labels.venting,
            "question": labels.intents.get(Intent.QUESTION, 0),
            "praise": labels.intents.get(Intent.PRAISE, 0),
            "other": labels.intents.get(Intent.OTHER, 0),
            "unread": labels.intents.get(UNREAD, 0),
        }
        present = {name: number for name, number in numbers.items() if number}
        widths = split_hundred(list(present.values()))
        return tuple(
            Share(name=self._share_name(name), number=number, percent=width, kind=name)
            for (name, number), width in zip(present.items(), widths, strict=True)
        )

    def _trends(self, figures: Figures) -> tuple[str, ...]:
        rising = [trend for trend in figures.trends if trend.rise > 0][:SHOWN_TRENDS]
        return tuple(
            self._say("trends.line", topic=self._cause(trend.topic), before=trend.before, now=trend.now)
            for trend in rising
        )

    def _cause(self, topic: str) -> str:
        return self._say(f"cause.{topic}") if f"cause.{topic}" in catalogue("digest") else self._topic(topic)

    def _topic(self, topic: str) -> str:
        if topic == UNREAD:
            return self._say("unread")
        # A brand may have topics of its own, which are named as they are.
        return self._label(f"topic.{topic}") if f"topic.{topic}" in catalogue("labels") else topic

    def _troubles(self, figures: Figures) -> tuple[Link, ...]:
        lines = []
        for trouble in figures.troubles:
            kind = "uncertain" if trouble.state == DeliveryState.UNCERTAIN else "refused"
            said = self._say(f"outbox.{kind}", channel=trouble.account_name)
            lines.append(Link(text=said, url=self._url(f"inbox/{trouble.conversation_id}")))
        by_hand = figures.backlog.to_post_by_hand
        if by_hand:
            lines.append(Link(text=self._say("outbox.by_hand", count=by_hand), url=self._url("sent")))
        return tuple(lines)

    def _times(self, times: ResponseTimes) -> tuple[Fact, ...]:
        if times.median_minutes is None or times.p90_minutes is None:
            return ()
        share = str(format_percent(times.within_target / times.answered, locale=self.language))
        within = self._say("times.share", share=share, answered=times.answered, within=times.within_target)
        return (
            Fact(name=self._say("times.median"), value=self._minutes(times.median_minutes)),
            Fact(name=self._say("times.p90"), value=self._minutes(times.p90_minutes)),
            Fact(name=self._say("times.target"), value=within),
        )

    def _targets(self) -> str:
        minutes = self.settings.targets.model_dump()
        said = (
            self._say("times.target_of", urgency=self._label(f"urgency.{urgency}"), minutes=minutes[urgency])
            for urgency in (Urgency.CRITICAL, Urgency.HIGH, Urgency.NORMAL, Urgency.LOW)
        )
        return self._say("times.targets", targets=" · ".join(said))

    def _minutes(self, minutes: float) -> str:
        if minutes < MINUTES_ARE_SAID:
            return self._say("minutes", count=round(minutes))
        return self._span(timedelta(minutes=minutes))

    def _span(self, length: timedelta) -> str:
        said = next(
            (
                str(format_unit(length // size, f"duration-{unit}", length="short", locale=self.language))
                for unit, size, below in SPANS
                if length < below
            ),
            "",
        ) or span(length, self.language)
        # Babel parts number and unit in Japanese too, where running text has no blank.
        return said.replace(" ", "") if self.language == "ja" else said

    def _footer(self) -> tuple[str, ...]:
        hour = self.settings.digest.daily_at.strftime("%H:%M")
        why = self._say("footer.why", name=self._shop_name(), hour=hour)
        return (why, self._say("footer.stop"), self._say("footer.private"))
