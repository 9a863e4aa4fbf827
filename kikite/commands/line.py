"""The stages by hand: listen, classify, draft, send, digest."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kikite.commands.options import AsJson, Home, print_result, progress

if TYPE_CHECKING:
    from domain.text_lines import FileSummary

STDIN = {"-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"}
STDOUT = {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"}

Input = Annotated[
    Path | None, typer.Option("--input", help="JSONL with id and text, instead of pending mentions; - for stdin.")
]
Output = Annotated[Path | None, typer.Option("--output", help="Where to write the results of --input; - for stdout.")]


def listen(
    once: Annotated[bool, typer.Option("--once", help="One poll; the clock of `kikite run` does the rest.")] = False,
    channel: Annotated[str | None, typer.Option(help="Only this channel account.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Poll every account, or one, now."""
    from domain.errors import KikiteError
    from kikite.by_hand import listen_now
    from kikite.home import find_home

    if not once:
        raise typer.BadParameter("`kikite run` listens by its clock; for one poll say --once", param_hint="--once")
    polls = listen_now(find_home(home), channel=channel)
    lines = [
        f"{poll.channel}: {poll.new_count} new, {poll.seen_count} seen, {poll.outcome} {poll.error}".rstrip()
        for poll in polls
    ]
    print_result("\n".join(lines) or "No channel to poll.", {"polls": [vars(poll) for poll in polls]}, as_json=as_json)
    failed = [poll for poll in polls if poll.outcome not in {"done", "budget"}]
    if failed:
        taken = "read by another process, or by one that was cut off less than three minutes ago."
        said = " ".join(f"{poll.channel}: {poll.error or taken}" for poll in failed)
        raise KikiteError(said, remedy=f"Look closer: kikite channels check {failed[0].channel}")


def classify(
    home: Home = None,
    source: Input = None,
    target: Output = None,
    language: Annotated[
        str,
        typer.Option(help="With --input: ja or en, for texts that could be either. Default: the home's first brand's."),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Classify pending mentions, or a file: with a home by its first brand's words, anti-words and language."""
    from domain.words import Language
    from kikite import by_hand

    if language not in {"", Language.JA, Language.EN}:
        raise typer.BadParameter("choose ja or en", param_hint="--language")
    if language and source is None:
        raise typer.BadParameter("goes with --input: a brand's mentions have its language", param_hint="--language")

    if source is None:
        from kikite.home import find_home

        with progress("Classifying") as bar:
            done = by_hand.classify_now(find_home(home), progress=bar)
        print_result(f"{done} mentions classified.", {"classified": done}, as_json=as_json)
        return
    with progress("Classifying") as bar:
        chosen = Language(language) if language else None
        written = _target(source, target, "labelled")
        summary = by_hand.classify_lines(home, _source(source), written, language=chosen, progress=bar)
    _report_file(summary, as_json=as_json)


def draft(  # noqa: PLR0913, PLR0917 - the options of one command
    home: Home = None,
    source: Input = None,
    target: Output = None,
    preview: Annotated[
        str | None, typer.Option(help="Only show the options for this text; - for stdin. Nothing is stored.")
    ] = None,
    language: Annotated[str, typer.Option(help="With --preview: answer in ja or en. Default: as the desk would.")] = "",
    author: Annotated[str, typer.Option(help="With --preview: display name of whoever wrote it.")] = "",
    channel_kind: Annotated[
        str, typer.Option(help="With --preview: follow this platform's rules. Default: public and private.")
    ] = "",
    playbook: Annotated[
        str | None, typer.Option(help="Only show every wording of this playbook, filled with samples.")
    ] = None,
    quality: Annotated[
        bool, typer.Option("--quality", help="Only show how drafts fare: approved unchanged, edited, rejected.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Draft for pending mentions, or for a file; or show what would be drafted."""
    from domain.words import Language
    from kikite import by_hand
    from kikite.home import find_home

    if language not in {"", Language.JA, Language.EN}:
        raise typer.BadParameter("choose ja or en", param_hint="--language")
    if preview is None and (language or author or channel_kind):
        raise typer.BadParameter("goes with --preview", param_hint="--language, --author, --channel-kind")
    if quality:
        from kikite.quality import read_quality

        told = read_quality(find_home(home))
        print_result("\n".join(told.lines), told.values, as_json=as_json)
        return
    if preview is not None or playbook is not None:
        from kikite import previewing

        if playbook is not None:
            shown = previewing.preview_wordings(find_home(home), playbook)
        else:
            written = sys.stdin.read() if preview == "-" else preview or ""
            chosen = Language(language) if language else None
            shown = previewing.preview_reply(
                find_home(home), written, language=chosen, author=author, channel_kind=channel_kind
            )
        print_result("\n".join(shown.lines), shown.values, as_json=as_json)
        return
    if source is None:
        done = by_hand.draft_now(find_home(home))
        print_result(f"{done} mentions drafted for.", {"drafted": done}, as_json=as_json)
        return
    with progress("Drafting") as bar:
        written_to = _target(source, target, "drafts")
        summary = by_hand.draft_lines(find_home(home), _source(source), written_to, progress=bar)
    _report_file(summary, as_json=as_json)


def send(
    once: Annotated[bool, typer.Option("--once", help="Send what is due now.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Dispatch approved replies that are due."""
    from kikite.by_hand import send_now
    from kikite.home import find_home

    if not once:
        raise typer.BadParameter("`kikite run` sends by itself; for one round say --once", param_hint="--once")
    summary = send_now(find_home(home))
    print_result(str(summary), summary.as_dict(), as_json=as_json)


def digest(
    period: Annotated[str, typer.Option(help="daily.")] = "daily",
    preview: Annotated[
        Path | None, typer.Option(help="Write the mail's HTML here (and .txt beside it), send nothing.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="Language of the preview: ja or en.")] = None,
    again: Annotated[
        int | None, typer.Option(help="Send this refused or doubtful digest again, by its number.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Compose and mail the digest, or only render it."""
    from domain.errors import KikiteError
    from domain.ids import DigestId
    from domain.words import Language, Period
    from kikite import by_hand
    from kikite.home import find_home

    if period not in set(Period):
        raise typer.BadParameter(f"choose one of {', '.join(Period)}", param_hint="--period")
    if language is not None and language not in {Language.JA, Language.EN}:
        raise typer.BadParameter("choose ja or en", param_hint="--language")
    if preview is None:
        done = by_hand.digest_now(find_home(home), Period(period), again=None if again is None else DigestId(again))
        words = [f"{done.composed} composed, {done.sent} sent.", *done.nothing]
        print_result("\n".join(words), vars(done), as_json=as_json)
        if done.troubled:
            remedy = "See `kikite doctor`; once the cause is mended: kikite digest --again NUMBER."
            raise KikiteError(" ".join(done.troubled), remedy=remedy)
        return
    rendered = by_hand.preview_digest(find_home(home), Period(period), language=language, target=preview)
    print_result(
        f"{rendered.subject}\nWritten to {preview}.", {"subject": rendered.subject, "file": preview}, as_json=as_json
    )


def _source(source: Path) -> Path:
    from domain.text_lines import STANDARD

    return STANDARD if str(source) in STDIN else source


def _target(source: Path, target: Path | None, ending: str) -> Path:
    """Return where results go: beside a file; what has no place of its own, such as a pipe, is answered on stdout."""
    from domain.text_lines import STANDARD

    if target is not None:
        return STANDARD if str(target) in STDOUT else target
    has_place = str(source) not in STDIN and (source.is_file() or not source.exists())
    return source.with_name(f"{source.stem}.{ending}.jsonl") if has_place else STANDARD


def _report_file(summary: "FileSummary", *, as_json: bool) -> None:
    from domain.text_lines import STANDARD

    rejected = [{"line": line, "reason": reason} for line, reason in summary.rejected]
    values = {"lines": summary.lines, "rejected_count": summary.rejected_count, "rejected": rejected}
    is_piped = summary.target == STANDARD
    words = [f"{summary.lines} lines written to {'stdout' if is_piped else summary.target}."]
    words += [f"line {line}: {reason}" for line, reason in summary.rejected]
    print_result("\n".join(words), values, as_json=as_json, on_stderr=is_piped)
