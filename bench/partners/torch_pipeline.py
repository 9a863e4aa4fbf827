"""Sentences a second of transformers' own pipeline on torch. Started by bench/classify.py, in an interpreter that has torch.

Usage: python torch_pipeline.py MODEL_FOLDER TEXTS.jsonl      (prints a JSON list of rows; the model's head may be a fresh one)
"""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from transformers import AutoModelForSequenceClassification, Pipeline, PreTrainedTokenizerFast, pipeline

BATCH_SIZES = (1, 8, 16, 32)
SAMPLE = 192
MOST_TOKENS = 192


def rate(classify: Pipeline, texts: Sequence[str], size: int) -> float:
    """Return texts a second, sorted by length as kindly as ours."""
    ordered = sorted(texts, key=len)
    begun = time.perf_counter()
    classify(ordered, batch_size=size, truncation=True)
    return len(ordered) / (time.perf_counter() - begun)


def main() -> None:
    folder = Path(sys.argv[1])
    texts = [json.loads(line)["text"] for line in Path(sys.argv[2]).read_text("utf-8").splitlines()]
    padding = "<pad>"
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"), pad_token=padding, model_max_length=MOST_TOKENS
    )
    rows = []
    for dtype in (torch.float32, torch.bfloat16):
        model = AutoModelForSequenceClassification.from_pretrained(folder, dtype=dtype)
        classify = pipeline("text-classification", model=model, tokenizer=tokenizer, device="cpu")
        rate(classify, texts[:32], 8)
        found = {size: rate(classify, texts[:SAMPLE], size) for size in BATCH_SIZES}
        best = max(found, key=lambda size: found[size])
        precision = str(dtype).removeprefix("torch.")
        name = f"torch pipeline, {model.config.num_hidden_layers} layers, {precision}, batch {best}"
        rows.append({"name": name, "rate": rate(classify, texts, best)})
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
