"""The commands. ``add_to`` registers them; each module is light to import."""

import typer

from kikite.commands import channels, customers, data, evaluating, health, homes, knowledge, learning, line, serving


def add_to(app: typer.Typer) -> None:
    """Register every command on ``app``."""
    app.command("demo")(serving.demo)
    app.command("run")(serving.run_product)
    app.command("init")(homes.init)
    app.command("doctor")(health.doctor)
    app.add_typer(channels.channels, name="channels")
    app.add_typer(homes.people, name="people")
    app.add_typer(customers.customers, name="customers")
    app.add_typer(knowledge.knowledge, name="knowledge")
    app.command("import")(data.import_mentions)
    app.command("listen")(line.listen)
    app.command("classify")(line.classify)
    app.command("draft")(line.draft)
    app.command("send")(line.send)
    app.command("digest")(line.digest)
    app.command("evaluate")(evaluating.evaluate)
    app.command("train")(learning.train)
    app.add_typer(learning.models, name="models")
