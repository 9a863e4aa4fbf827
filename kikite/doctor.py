"""``kikite doctor``: is everything in place? Each finding comes with the one thing to do about it."""

import importlib
import shutil
import smtplib
import ssl
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import files as files_of
from importlib.metadata import packages_distributions
from pathlib import Path

from classifier.backends import MODELS
from classifier.versions import problem_in_force
from config.home_writer import UNNAMED
from config.loading import SoundSettings, load_sound
from config.prose import load_books, load_playbooks
from config.settings import MailSettings, Settings
from domain.chat import ChatQuestion, NoAnswerError
from domain.clock import SystemClock
from domain.errors import KikiteError
from kikite.channel_checks import check_sound_accounts
from kikite.chat.opening import open_backend, open_drafting_model
from kikite.completeness import tell_completeness
from kikite.findings import Finding, Health, tell_open_files, tell_problems
from kikite.logs import set_up_logging
from kikite.shop_checks import check_shops
from responder.knowledge.condition import Fault, find_faults
from storage.database import Database
from storage.migrate import check_revision, head_revision

OUR_PACKAGES = ("domain", "config", "storage", "listener", "classifier", "responder", "desk", "digest", "kikite")
LEAST_FREE_BYTES = 500_000_000


def examine(home: Path) -> Iterator[Finding]:
    """Look at names, disk, settings, prose, database, completeness, classifier, drafter, mail and every channel, in this order.

    What is wrong in the settings is told a line each, and what it does not touch is looked at all the same.
    """
    yield _looked("names", _own_names)
    yield _looked("disk", lambda: _disk(home))
    try:
        sound = load_sound(home)
    except KikiteError as error:
        yield _bad("settings", error)
        return
    settings = sound.settings
    set_up_logging(settings.log)  # warnings go to stderr: standard output is the report
    yield from _settings(sound)
    yield _looked("brands", lambda: _prose(home))
    wrong = {problem.path[0] for problem in sound.problems if problem.path}
    if "storage" not in wrong:
        yield _looked("database", lambda: _database(settings))
        yield from _completeness(settings)
    if "classifier" not in wrong:
        yield _looked("classifier", lambda: f"{open_backend(settings).model_id} loads.")
        yield from _promoted(settings, home)
    if "drafter" not in wrong:
        yield from find_drafter(settings)
    if "mail" not in wrong:
        yield _looked("mail", lambda: _mail(settings.mail))
    yield from check_sound_accounts(sound)
    yield from check_shops(settings.shop, home)


def _settings(sound: SoundSettings) -> Iterator[Finding]:
    """Say what is wrong in the settings but for the accounts, and which secrets beside theirs lie open."""
    problems = [problem for problem in sound.problems if not sound.account_of(problem.path)]
    yield from tell_problems("settings", problems)
    if not problems:
        yield Finding(what="settings", health=Health.GOOD, says=f"{sound.settings.home / 'kikite.toml'} is read.")
    yield from tell_open_files("settings", [one for one in sound.open_files if not sound.account_of(one.path)])


def _looked(what: str, look: Callable[[], str | Finding]) -> Finding:
    try:
        said = look()
    except KikiteError as error:
        return _bad(what, error)
    except Exception as error:  # noqa: BLE001 - a doctor reports whatever it meets and goes on
        return Finding(what=what, health=Health.BAD, says=f"{type(error).__name__}: {error}", remedy="Read the log.")
    return said if isinstance(said, Finding) else Finding(what=what, health=Health.GOOD, says=said)


def _bad(what: str, error: KikiteError) -> Finding:
    return Finding(what=what, health=Health.BAD, says=error.message, remedy=error.remedy)


def _own_names() -> str | Finding:
    """Top-level names are common words: another distribution must not stand before ours."""
    owners = packages_distributions()
    foreign = {name: set(owners.get(name, [])) - {"kikite"} for name in OUR_PACKAGES}
    taken = {name: sorted(by) for name, by in foreign.items() if by}
    root = Path(__file__).resolve().parent.parent
    for name in OUR_PACKAGES:
        module = importlib.import_module(name)
        place = Path(next(iter(module.__path__))).resolve()
        if place.parent != root:
            taken.setdefault(name, [str(place)])
    if taken:
        who = "; ".join(f"{name}: {', '.join(by)}" for name, by in taken.items())
        return Finding(
            what="names",
            health=Health.BAD,
            says=f"Other packages use our top-level names ({who}).",
            remedy="Install Kikite into an environment of its own.",
        )
    installed = "installed" if files_of("kikite") else "from its folder"
    return f"All {len(OUR_PACKAGES)} top-level packages are ours ({installed}, Python {sys.version.split()[0]})."


def _disk(home: Path) -> str | Finding:
    free = shutil.disk_usage(home).free
    if free < LEAST_FREE_BYTES:
        return Finding(
            what="disk", health=Health.WARNING, says=f"{free // 1_000_000} MB are free.", remedy="Free some space soon."
        )
    return f"{free // 1_000_000_000} GB are free."


def _prose(home: Path) -> str | Finding:
    books = load_books(home)
    unnamed = [name for name, book in books.items() if {book.voice.name.ja, book.voice.name.en} & set(UNNAMED)]
    if unnamed:
        return Finding(
            what="brands",
            health=Health.WARNING,
            says=f"The brand '{unnamed[0]}' has no name yet: replies would speak of 'our shop'.",
            remedy=f"Set [name] and words in brands/{unnamed[0]}/brand.toml.",
        )
    found = [one for book in books.values() for one in find_faults(book, today=SystemClock().now().date())]
    told = [one for one in found if one.fault in {Fault.OUTDATED, Fault.UNREAD, Fault.UNCHECKED}]
    if told:
        more = f" (and {len(told) - 1} more)" if len(told) > 1 else ""
        return Finding(
            what="brands",
            health=Health.WARNING,
            says=f"{told[0].place}: {told[0].says}{more}",
            remedy="`kikite knowledge check` lists all of them.",
        )
    said = ", ".join(f"{name} ({len(book.faq)} FAQ entries)" for name, book in books.items())
    return f"{said}; {len(load_playbooks(home))} playbooks."


def _database(settings: Settings) -> str | Finding:
    database = Database(settings.database_url)
    try:
        now, head = check_revision(database), head_revision()
    finally:
        database.close()
    kind = database.engine.dialect.name
    if now == head:
        return f"{kind} answers, at revision {now}."
    return Finding(
        what="database",
        health=Health.WARNING,
        says=f"{kind} is at revision {now or 'none'}; this version has {head}.",
        remedy="Any start of Kikite brings it up to date.",
    )


def _completeness(settings: Settings) -> Iterator[Finding]:
    try:
        yield from tell_completeness(settings)
    except KikiteError:
        return  # what is wrong with the database was just told


def find_drafter(settings: Settings) -> Iterator[Finding]:
    """Ask the language model that words drafts for one word; nothing where there is none."""
    if settings.drafter.backend not in {"composer", "approved"}:
        yield _looked("drafter", lambda: _answers(settings))


def _answers(settings: Settings) -> str | Finding:
    chat = open_drafting_model(settings)
    question = ChatQuestion(instructions="Answer with one word.", data="Hello", most_tokens=8)
    if chat is None:
        return "The composer works alone."
    try:
        chat.ask(question, read=str)
    except NoAnswerError as error:
        return Finding(
            what="drafter",
            health=Health.WARNING,
            says=f"{chat.name} does not answer ({error}): the composer's drafts are used.",
            remedy="Check [drafter] base_url, model and api_key, and that the server runs.",
        )
    return f"{chat.name} answers."


def _promoted(settings: Settings, home: Path) -> Iterator[Finding]:
    """Say so when what a team's corrections made is not what serves them."""
    if settings.classifier.backend != "model" or settings.classifier.model:
        return
    idle = problem_in_force(home / MODELS)
    if idle is not None:
        says = f"'{idle.name}' was promoted but cannot be served, so the shipped model is. {idle.problem}"
        yield Finding(what="learned model", health=Health.WARNING, says=says, remedy=idle.remedy)


def _mail(settings: MailSettings) -> str | Finding:
    if not settings.host:
        return Finding(
            what="mail", health=Health.WARNING, says="No mail server is set.", remedy="Set [mail] host to get digests."
        )
    try:
        if settings.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(settings.host, settings.port, timeout=settings.timeout_seconds)
        else:
            server = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout_seconds)
        with server:
            if settings.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if settings.username:
                server.login(settings.username, settings.password.get_secret_value())
    except smtplib.SMTPAuthenticationError:
        return Finding(
            what="mail", health=Health.BAD, says="The mail server refuses the user or password.", remedy="Mend [mail]."
        )
    except (OSError, smtplib.SMTPException) as error:
        return Finding(
            what="mail",
            health=Health.BAD,
            says=f"{settings.host}:{settings.port} does not take mail ({type(error).__name__}).",
            remedy="Check [mail] host, port and security.",
        )
    return f"{settings.host}:{settings.port} answers."
