"""How fast `kikite classify` is, as ratios in one run: beside the bare onnxruntime session, the torch pipeline, the keyword lists.

Run: .venv/bin/python bench/classify.py [--lines 20000] [--rounds 3] [--texts FILE.jsonl ...]
     [--torch FOLDER [--torch-python PYTHON]]     FOLDER: a 12-layer Hugging Face model; PYTHON: an interpreter that has torch

Processes are measured whole, by the kernel's own figures. Kikite and the bare session take turns, so that other work on the
machine meets both; the ratio is the median over rounds. CPU time per text is told too: it hardly minds company.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import onnxruntime

from classifier.artefact import read_artefact
from classifier.backends import make_backend
from classifier.encoder import TURN, as_inputs, usable_cores
from classifier.service import understand_texts
from classifier.text_tokens import TextTokens
from config.settings import ClassifierSettings
from domain.words import Language

ROOT = Path(__file__).resolve().parents[1]
KIKITE = Path(sys.executable).with_name("kikite")
SEED = 20_000
TORCH_TEXTS = 960
SINGLES = 200


@dataclass(frozen=True, kw_only=True)
class Run:
    """One measured piece of work."""

    seconds: float
    cpu_seconds: float
    peak_mb: float = 0.0

    def minus(self, start: "Run") -> "Run":
        return Run(
            seconds=self.seconds - start.seconds, cpu_seconds=self.cpu_seconds - start.cpu_seconds, peak_mb=self.peak_mb
        )


def read_texts(files: Sequence[Path], count: int) -> list[str]:
    """Return ``count`` texts, Japanese and English, in a seeded order; the corpus goes round as often as it takes."""
    known = [
        json.loads(line)["text"] for file in files for line in file.read_text("utf-8").splitlines() if line.strip()
    ]
    order = random.Random(SEED)
    texts: list[str] = []
    while len(texts) < count:
        order.shuffle(known)
        texts += known
    return texts[:count]


def write_lines(file: Path, texts: Sequence[str]) -> Path:
    lines = (json.dumps({"id": at, "text": text}, ensure_ascii=False) for at, text in enumerate(texts))
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


def run_kikite(source: Path) -> Run:
    """Classify a file in a process of its own."""
    command = [KIKITE, "classify", "--input", source, "--output", source.with_suffix(".out")]
    begun = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, f"kikite classify ended with {child.returncode}"
    return Run(
        seconds=time.perf_counter() - begun,
        cpu_seconds=used.ru_utime + used.ru_stime,
        peak_mb=used.ru_maxrss / (1_024 if sys.platform != "darwin" else 1_048_576),
    )


def measure(work: Callable[[], object]) -> Run:
    begun, used = time.perf_counter(), time.process_time()
    work()
    return Run(seconds=time.perf_counter() - begun, cpu_seconds=time.process_time() - used)


def make_bare(texts: Sequence[str]) -> Callable[[], object]:
    """Return the bare session over the batches that `kikite classify` makes of these texts, on as many threads."""

    artefact = read_artefact()
    tokens = TextTokens(artefact.tokenizer_file)
    batches = [as_inputs(ids) for ids in sorted(tokens.encode(texts), key=len, reverse=True)]
    turns = [batches[begin : begin + TURN] for begin in range(0, len(batches), TURN)]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(artefact.encoder_file), options, providers=["CPUExecutionProvider"])
    pool = ThreadPoolExecutor(usable_cores())

    def work() -> object:
        return list(pool.map(lambda turn: [len(session.run(["pooled"], batch)[0]) for batch in turn], turns))

    for batch in batches[:8]:
        session.run(None, batch)
    return work


def measure_keyword(texts: Sequence[str]) -> Run:
    backend = make_backend(ClassifierSettings(backend="keyword"))
    pairs = [(text, "") for text in texts]
    understand_texts(backend, pairs[:100], prior=Language.JA)
    return measure(lambda: understand_texts(backend, pairs, prior=Language.JA))


def measure_single(texts: Sequence[str]) -> list[float]:
    """Return the milliseconds of each of some mentions, one at a time, reasons and all."""
    backend = make_backend(ClassifierSettings())
    understand_texts(backend, [("warm up", "")], prior=Language.JA)
    runs = [measure(lambda text=text: understand_texts(backend, [(text, "")], prior=Language.JA)) for text in texts]  # type: ignore[misc]
    return sorted(1_000 * run.seconds for run in runs)


def run_torch(python: str, folder: Path, source: Path) -> list[dict[str, object]] | str:
    """Return a row per precision of the torch pipeline, or why there is none."""
    command = [python, Path(__file__).parent / "partners" / "torch_pipeline.py", folder, source]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
    rows: list[dict[str, object]] = json.loads(done.stdout.splitlines()[-1])
    return rows


def tell(name: str, run: Run, count: int, *, against: float | None = None) -> None:
    memory = f"{run.peak_mb:>8.0f} MB" if run.peak_mb else " " * 11
    ratio = f"{against:>8.2f}" if against is not None else " " * 8
    print(
        f"{name:<46}{count / run.seconds:>9,.0f}/s{1e6 * run.cpu_seconds / count:>9,.0f} us CPU{memory}{ratio}",
        flush=True,
    )


def compare(options: argparse.Namespace, folder: Path) -> None:
    texts = read_texts(options.texts, options.lines)
    few = options.lines // 4
    one, quarter = write_lines(folder / "one.jsonl", texts[:1]), write_lines(folder / "quarter.jsonl", texts[:few])
    source = write_lines(folder / "all.jsonl", texts)
    run_kikite(one)  # fills the disk cache
    start = min((run_kikite(one) for _ in range(5)), key=lambda run: run.seconds)
    bare_work = make_bare(texts)
    whole, bare = [], []
    for _ in range(options.rounds):
        whole.append(run_kikite(source))
        bare.append(measure(bare_work))
    ratios = [b.seconds / k.minus(start).seconds for k, b in zip(whole, bare, strict=True)]
    cpu = [b.cpu_seconds / k.minus(start).cpu_seconds for k, b in zip(whole, bare, strict=True)]
    best, fastest = min(whole, key=lambda run: run.seconds), min(bare, key=lambda run: run.seconds)
    print(f"{options.lines:,} lines, {options.rounds} rounds; last column: ratio to the bare session\n")
    tell("kikite classify, start included", best, options.lines, against=fastest.seconds / best.seconds)
    tell("kikite classify", best.minus(start), options.lines, against=statistics.median(ratios))
    tell("bare onnxruntime session, same batches", fastest, options.lines)
    tell("keyword backend, one core", measure_keyword(texts[:few]), few)
    print(
        f"\nratio to the bare session: rounds {', '.join(f'{ratio:.2f}' for ratio in ratios)}; by CPU time {statistics.median(cpu):.2f}"
    )
    rate = options.lines / best.minus(start).seconds
    compare_torch(options, folder, texts, rate)
    small = run_kikite(quarter)
    print(f"start: {start.seconds:.2f} s, {start.peak_mb:.0f} MB (a file of one line)")
    print(f"peak memory: {small.peak_mb:.0f} MB for {few:,} lines, {best.peak_mb:.0f} MB for {options.lines:,}")
    single = measure_single(texts[:SINGLES])
    print(
        f"one mention: median {statistics.median(single):.1f} ms, 95 % within {single[int(0.95 * len(single))]:.1f} ms"
    )


def compare_torch(options: argparse.Namespace, folder: Path, texts: Sequence[str], rate: float) -> None:
    if options.torch is None:
        print("torch pipeline: LEFT OUT (name a model folder with --torch)")
        return
    said = run_torch(options.torch_python, options.torch, write_lines(folder / "torch.jsonl", texts[:TORCH_TEXTS]))
    if isinstance(said, str):
        print(f"torch pipeline: LEFT OUT ({said})")
        return
    for row in said:
        print(
            f"{row['name']}: {row['rate']:,.0f}/s; kikite classify is {rate / float(str(row['rate'])):.1f} times as fast"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    corpus = [ROOT / "classifier" / "corpus" / name for name in ("ja.jsonl", "en.jsonl")]
    parser.add_argument("--texts", type=Path, nargs="+", default=corpus)
    parser.add_argument("--lines", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--torch", type=Path)
    parser.add_argument("--torch-python", default=sys.executable)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compare(options, Path(folder))


if __name__ == "__main__":
    main()
