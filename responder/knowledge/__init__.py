"""What the brand wrote, made searchable: FAQ, policies, known issues, products. One index per book and language."""

from responder.knowledge.calibration import PERHAPS, THRESHOLD
from responder.knowledge.hits import Hit
from responder.knowledge.issues import find_issue
from responder.knowledge.kept_rows import KeptRows
from responder.knowledge.particulars import is_about, name_asked, name_other
from responder.knowledge.products import ProductFinder, ProductNamed
from responder.knowledge.question import is_question, questions_apart
from responder.knowledge.retriever import Retriever
from responder.knowledge.shelf import Shelf
from responder.knowledge.strangeness import tells_something

__all__ = [
    "PERHAPS",
    "THRESHOLD",
    "Hit",
    "KeptRows",
    "ProductFinder",
    "ProductNamed",
    "Retriever",
    "Shelf",
    "find_issue",
    "is_about",
    "is_question",
    "name_asked",
    "name_other",
    "questions_apart",
    "tells_something",
]
