"""A real language model behind an OpenAI-compatible server on loopback, by transformers: as small as can be, and slow.

It keeps to a JSON schema the way grown-up servers do: the form is the server's, the words are the model's.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any


class Writer:
    """A causal model from a folder or a GGUF file. One text at a time."""

    def __init__(self, place: Path, *, most_tokens: int) -> None:
        from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: PLC0415 - only where torch is

        folder, more = (place.parent, {"gguf_file": place.name}) if place.is_file() else (place, {})
        self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, **more)
        self._model = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, **more).eval()
        self._most = most_tokens
        self._lock = Lock()

    def write(self, prompt: str) -> str:
        """Return what the model writes after ``prompt``, up to the end of its line."""
        with self._lock:
            inputs = self._tokenizer(prompt, return_tensors="pt")
            inputs.pop("token_type_ids", None)
            asked = inputs["input_ids"].shape[1]
            written = self._model.generate(**inputs, max_new_tokens=self._most, do_sample=False)[0][asked:]
            return str(self._tokenizer.decode(written, skip_special_tokens=True)).strip().partition("\n")[0]


@contextmanager
def serve_model(writer: Writer) -> Iterator[str]:
    """Serve ``writer``; give the address up to and with ``/v1``."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(writer))
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _answer(writer: Writer, asked: dict[str, Any]) -> str:
    prompt = "\n\n".join(str(message["content"]) for message in asked["messages"])
    schema = asked.get("response_format", {}).get("json_schema", {}).get("schema")
    if schema is None:
        return writer.write(f"{prompt}\n\n")
    count = int(schema["properties"]["texts"]["minItems"])
    said = writer.write(f'{prompt}\n\n{{"texts": ["').partition('"')[0]
    return json.dumps({"texts": [said] * count}, ensure_ascii=False)  # each is judged on its own; one is slow enough


def _handler(writer: Writer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            said = _answer(writer, asked)
            if asked.get("stream"):
                parts = [json.dumps({"choices": [{"delta": {"content": word}}]}) for word in said.split(" ")]
                body = "".join(f"data: {part}\n\n" for part in [*parts, "[DONE]"])
            else:
                body = json.dumps({"choices": [{"message": {"role": "assistant", "content": said}}]})
            raw = body.encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Say nothing."""

    return Handler
