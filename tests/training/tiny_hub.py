"""Tiny real models in the hub's own format, whose answers are known: a class wins when its word stands in the text."""

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

WORDS = (
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]",
    "late", "lovely", "where", "refund", "返金", "最高", "どこ", "。", "this", "post", "is", "a", "complaint", "praise", "この", "投稿", "は", "です", "苦情", "お褒め",
)  # fmt: skip
BAD, GOOD = ("late", "返金"), ("lovely", "最高")
COMPLAINTS = ("this post is a complaint", "この 投稿 は 苦情 です 。")
PRAISES = ("this post is praise", "この 投稿 は お褒め です 。")
POSITIONS = 40
HIDDEN = 32


def write_classifier(
    folder: Path, labels: Mapping[str, tuple[str, ...]], *, several: bool = False, limit_told: bool = True
) -> Path:
    """Write a BertForSequenceClassification; each label is likely when one of its words stands in the text."""
    model = _bert([*labels], several=several)
    with torch.no_grad():
        _silence(model)
        for row, words in enumerate(labels.values()):
            for word in words:
                # Attention spreads evenly, so a word's own axis reaches [CLS] whatever its place.
                model.classifier.weight[row, WORDS.index(word)] = 40.0
        if several:
            model.classifier.bias.fill_(-4.0)
    return _save(folder, model, limit_told=limit_told)


def write_entailment(folder: Path) -> Path:
    """Write an NLI-like model that learned: late and 返金 entail a complaint (苦情), lovely and 最高 praise (お褒め)."""
    model = _bert(["contradiction", "entailment"], several=False, layers=2)
    words = model.bert.embeddings.word_embeddings.weight
    with torch.no_grad():  # like words begin near each other, as in any model that read texts before
        for sign, group in ((1.0, (*BAD, "complaint", "苦情")), (-1.0, (*GOOD, "praise", "お褒め"))):
            for word in group:
                words[WORDS.index(word)] = sign * 0.5
                words[WORDS.index(word), ::2] = -sign * 0.5
    reader = _reader()
    reader.enable_padding(pad_id=0, pad_token="[PAD]")
    pairs = [
        (f"{before}{word}{after}", sentence, (word in BAD) == (sentence in COMPLAINTS))
        for word in (*BAD, *GOOD)
        for before, after in (("", ""), ("this is ", ""), ("", " post"), (f"{word} ", " 。"))
        for sentence in (*COMPLAINTS, *PRAISES)
    ]
    read = reader.encode_batch([(text, sentence) for text, sentence, _ in pairs])
    given = {
        "input_ids": torch.tensor([one.ids for one in read]),
        "attention_mask": torch.tensor([one.attention_mask for one in read]),
        "token_type_ids": torch.tensor([one.type_ids for one in read]),
        "labels": torch.tensor([int(entailed) for _, _, entailed in pairs]),
    }
    torch.set_num_threads(1)
    model.train()
    steps = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for _ in range(60):
        steps.zero_grad()
        model(**given).loss.backward()
        steps.step()
    return _save(folder, model.eval(), limit_told=True)


def _bert(labels: list[str], *, several: bool, layers: int = 1) -> BertForSequenceClassification:
    torch.manual_seed(5)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=HIDDEN,
        num_hidden_layers=layers,
        num_attention_heads=1,
        intermediate_size=HIDDEN * 2,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        initializer_range=0.2,
        max_position_embeddings=POSITIONS,
        id2label=dict(enumerate(labels)),
        label2id={label: at for at, label in enumerate(labels)},
        problem_type="multi_label_classification" if several else "single_label_classification",
    )
    return BertForSequenceClassification(config).eval()


def _silence(model: BertForSequenceClassification) -> None:
    """Leave only one way through: each word's own axis, averaged over the text, to the classifier."""
    for weight in model.parameters():
        weight.zero_()
    for name, weight in model.named_parameters():
        if name.endswith("LayerNorm.weight"):
            weight.fill_(1.0)
    model.bert.embeddings.word_embeddings.weight[:, : len(WORDS)] = torch.eye(len(WORDS)) * 6.0
    attention = model.bert.encoder.layer[0].attention
    attention.self.value.weight.copy_(torch.eye(HIDDEN))
    attention.output.dense.weight.copy_(torch.eye(HIDDEN) * 4.0)
    model.bert.pooler.dense.weight.copy_(torch.eye(HIDDEN) * 0.3)


def _save(folder: Path, model: BertForSequenceClassification, *, limit_told: bool) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=_reader(),
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
        **({"model_max_length": POSITIONS - 2} if limit_told else {}),
    )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    assert json.loads((folder / "config.json").read_text("utf-8"))["architectures"] == ["BertForSequenceClassification"]
    return folder


def _reader() -> Tokenizer:
    reader = Tokenizer(models.WordPiece({word: at for at, word in enumerate(WORDS)}, unk_token="[UNK]"))
    reader.normalizer = normalizers.Lowercase()
    reader.pre_tokenizer = pre_tokenizers.Whitespace()
    reader.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return reader
