"""Who drafts for each brand: the composer, with a language model or what was approved before laid on top."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from config.brand_book import BrandBook
from config.playbook import Playbook
from domain.cases import Drafter
from responder.approved import ApprovedDrafter, Recall
from responder.composer import Composer
from responder.drafters.model_drafter import Wording, make_drafter
from responder.knowledge import Shelf


def make_drafters(
    books: Mapping[str, BrandBook],
    playbooks: Sequence[Playbook],
    *,
    today: date,
    shelf: Shelf,
    wording: Wording | None = None,
    recall: Callable[[str], Recall] | None = None,
) -> dict[str, Drafter]:
    """Return a drafter for each brand. ``recall`` gives a brand's memory, where what was approved is offered again."""
    drafters: dict[str, Drafter] = {}
    for name, book in books.items():
        composer = Composer(book=book, playbooks=playbooks, today=today, shelf=shelf)
        drafters[name] = make_drafter(composer, wording, book=book, playbooks=playbooks)
        if recall is not None:
            drafters[name] = ApprovedDrafter(
                drafters[name], recall=recall(name), book=book, playbooks=playbooks, today=today, shelf=shelf
            )
    return drafters
