"""``kikite init`` and ``kikite people``: making a home and the users in it."""

from pathlib import Path
from typing import Annotated, Literal, cast
from zoneinfo import available_timezones

import typer

from kikite.commands.options import AsJson, Home, print_result

people = typer.Typer(help="Who may sign in.", no_args_is_help=True)


def init(
    home: Annotated[Path, typer.Option("--home", help="Folder to make.", envvar="KIKITE_HOME")] = Path("home"),
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing; take the defaults.")] = False,
    demo: Annotated[bool, typer.Option("--demo", help="With the demo brand and a sandbox channel.")] = False,
    login: Annotated[str, typer.Option(help="First user's sign-in name (an admin).")] = "admin",
    shop: Annotated[str, typer.Option(help="The shop's name, as customers know it.")] = "",
    language: Annotated[str, typer.Option(help="Language of the desk and of mails: ja or en.")] = "",
    time_zone: Annotated[str, typer.Option(help="IANA name, e.g. Asia/Tokyo or Europe/London.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make a home: settings, a brand, the database and the first user. Keeps whatever is already there."""
    from config.reference import Shop
    from kikite.first_run import make_home

    if not yes:
        home = Path(typer.prompt("Folder for settings, database and secrets", default=str(home)))
        demo = typer.confirm("Fill it with the demo brand and a sandbox channel?", default=demo)
        if not demo:
            shop = typer.prompt("The shop's name, as customers know it", default=shop or "My shop")
            language = typer.prompt("Language of the desk (ja or en)", default=language or "ja")
            time_zone = typer.prompt("Time zone", default=time_zone or "Asia/Tokyo")
        login = typer.prompt("Sign-in name of the first user", default=login)
    if language not in {"", "ja", "en"}:
        raise typer.BadParameter("choose ja or en", param_hint="--language")
    if time_zone and time_zone not in available_timezones():
        raise typer.BadParameter(f"'{time_zone}' is no time zone, e.g. Asia/Tokyo", param_hint="--time-zone")
    told = Shop(name=shop.strip(), language=cast("Literal['ja', 'en', '']", language), time_zone=time_zone)
    made = make_home(home, demo=demo, login=login, shop=told)
    words = [f"The home is {made.home}."]
    if made.password:
        words.append(f"Sign in as '{made.login}' with the password '{made.password}' (shown only now).")
    else:
        words.append("It had users already; none was added.")
    words.append(f"Next: kikite run --home {made.home}")
    print_result("\n".join(words), {"home": made.home, "login": made.login, "password": made.password}, as_json=as_json)


@people.command("add")
def people_add(
    login: Annotated[str, typer.Argument(help="Sign-in name.")],
    name: Annotated[str, typer.Option(help="Shown to colleagues and in the audit trail.")],
    role: Annotated[str, typer.Option(help="viewer, agent, approver or admin.")] = "agent",
    language: Annotated[str, typer.Option(help="ja or en.")] = "ja",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Add a user; prints a password made for them."""
    from domain.words import Language, Role
    from kikite.first_run import add_person
    from kikite.home import find_home

    if role not in set(Role):
        raise typer.BadParameter(f"choose one of {', '.join(Role)}", param_hint="--role")
    if language not in {Language.JA, Language.EN}:
        raise typer.BadParameter("choose ja or en", param_hint="--language")
    password = add_person(find_home(home), login=login, name=name, role=Role(role), language=Language(language))
    print_result(
        f"'{login}' ({role}) can sign in with the password '{password}' (shown only now).",
        {"login": login, "role": role, "password": password},
        as_json=as_json,
    )


@people.command("link")
def people_link(
    login: Annotated[str, typer.Argument(help="Sign-in name.")],
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Print a link that signs a user in once, within ten minutes (a forgotten password, a first visit)."""
    from kikite.first_run import make_link
    from kikite.home import find_home

    link = make_link(find_home(home), login=login)
    print_result(link, {"link": link}, as_json=as_json)
