// Rewording on demand: what comes back is an unsaved edit, taken back with one press, stopped with Escape.
const group = () => document.getElementById("reword");
const field = () => document.getElementById("text");
const button = (name) => group()?.querySelector(`[data-reword="${name}"]`);
let running = null;
let before = null;

function say(words) {
  const place = document.getElementById("reword-said");
  if (place) place.textContent = words;
}

function show(words) {
  const place = document.getElementById("reword-text");
  if (!place) return;
  place.textContent = words;
  place.hidden = !words;
}

function put(text) {
  field().value = text;
  field().dispatchEvent(new Event("input", { bubbles: true }));
}

function settle(words) {
  running = null;
  show("");
  if (!group()) return;
  field().readOnly = false;
  group().removeAttribute("aria-busy");
  for (const wish of group().querySelectorAll("[data-wish]")) wish.disabled = false;
  button("stop").hidden = true;
  button("undo").hidden = before === null;
  say(words);
}

function begin() {
  field().readOnly = true; // what is being reworded must not change underneath
  group().setAttribute("aria-busy", "true");
  for (const wish of group().querySelectorAll("[data-wish]")) wish.disabled = true;
  button("undo").hidden = true;
  button("stop").hidden = false;
  button("stop").focus();
  say(group().dataset.working);
}

// Yields the events of a stream that a form was sent for; EventSource can only fetch.
async function* read(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value.replaceAll("\r", "");
    const events = rest.split("\n\n");
    rest = events.pop();
    for (const lines of events.map((event) => event.split("\n"))) {
      const kind = lines.find((line) => line.startsWith("event:"))?.slice(6).trim();
      const data = lines.find((line) => line.startsWith("data:"))?.slice(5).trim();
      if (kind && data) yield { kind, text: JSON.parse(data).text };
    }
  }
}

async function reword(wish) {
  const text = field().value;
  if (!text.trim()) return say(group().dataset.empty);
  const { address, done, failed } = group().dataset;
  const draft = document.getElementById("draft-form").dataset.draft;
  const own = (running = new AbortController());
  const mine = () => running === own && document.getElementById("draft-form")?.dataset.draft === draft;
  begin();
  try {
    const body = new URLSearchParams({ draft, wish, text });
    const response = await fetch(address, { method: "POST", body, signal: own.signal });
    if (!response.ok) throw new Error(response.status);
    for await (const event of read(response)) {
      if (!mine()) return own.abort();
      if (event.kind === "piece") show(event.text);
      if (event.kind === "failed") return settle(event.text);
      if (event.kind === "done") {
        before = text;
        settle(done);
        put(event.text);
        return field().focus();
      }
    }
    settle(failed);
  } catch {
    if (mine()) settle(failed);
  }
}

function stop() {
  const own = running;
  settle(group()?.dataset.stopped ?? "");
  own.abort();
  field()?.focus();
}

function undo() {
  const text = before;
  before = null;
  settle(group().dataset.undone);
  put(text);
  field().focus();
}

document.addEventListener("click", (event) => {
  const pressed = event.target.closest("#reword button");
  if (!pressed) return;
  if (pressed.dataset.wish && !running) reword(pressed.dataset.wish);
  else if (pressed.dataset.reword === "stop" && running) stop();
  else if (pressed.dataset.reword === "undo" && before !== null) undo();
});

document.addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Escape" || !running || event.isComposing) return;
    event.preventDefault();
    stop();
  },
  { capture: true },
);

// Another draft came into view: nothing of the last one may reach it.
function arrive() {
  if (!group() || group().dataset.seen) return;
  running?.abort();
  running = before = null;
  group().dataset.seen = "yes";
  group().hidden = field().readOnly;
}
document.addEventListener("htmx:after:swap", arrive);
arrive();
