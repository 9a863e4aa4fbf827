"""How a text looks to the model: the same in training and in service.

Addresses and handles are masked, because labels leak through them; what varies without meaning is made one.
"""

import re
import unicodedata
from typing import Final

from classifier.visible import has_address, show

HEAD_CHARACTERS: Final = 1_600
TAIL_CHARACTERS: Final = 400
"""A longer text is read from both ends: what happened stands first, what is asked for last."""
LONGEST_RUN: Final = 4

_SKIN = re.compile("[\U0001f3fb-\U0001f3ff]")
_ADDRESS = re.compile(r"https?://[^\s<>「」、。]+|www\.[^\s<>「」、。]+", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_HANDLE = re.compile(r"(?<![\w@])@[\w][\w.-]{0,252}")
_RUN = re.compile(r"(.)\1{4,}", re.DOTALL)
_SPACE = re.compile(r"\s+")


def prepare_text(text: str) -> str:
    """Return ``text`` as the tokenizer gets it: NFKC, masked, one line, at most about 2,000 characters. Never raises."""
    if len(text) > HEAD_CHARACTERS + TAIL_CHARACTERS:
        text = f"{text[:HEAD_CHARACTERS]} … {text[-TAIL_CHARACTERS:]}"
    text = unicodedata.normalize("NFKC", _SKIN.sub("", show(text)))
    if has_address(text):
        text = _HANDLE.sub(" ", _MAIL.sub("MAIL", _ADDRESS.sub("URL", text)))
    text = _RUN.sub(lambda run: run.group(1) * LONGEST_RUN, text)
    return _SPACE.sub(" ", text).strip()
