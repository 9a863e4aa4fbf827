// Typed text is never lost: every change is kept on this device until the server has it. And the counter follows at once.
const DAYS_KEPT = 7;
const graphemes = (text) => {
  if (!Intl.Segmenter) return [...text].length;
  let count = 0;
  for (const _ of new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)) count += 1;
  return count;
};
const form = () => document.getElementById("draft-form");
const field = () => document.getElementById("text");
const keyOf = (draft) => `kikite.draft.${document.body.dataset.user}.${draft}`;
let measuredAt = null;

function read(draft) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(draft)));
  } catch {
    return null;
  }
}

function keep(draft, value) {
  try {
    if (value) localStorage.setItem(keyOf(draft), JSON.stringify(value));
    else localStorage.removeItem(keyOf(draft));
    return true;
  } catch {
    return false; // no room or no right: the server's copy and the page remain
  }
}

function forgetOld() {
  const oldest = Date.now() - DAYS_KEPT * 86_400_000;
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith("kikite.draft.")) continue;
    try {
      if ((JSON.parse(localStorage.getItem(key)).at ?? 0) < oldest) localStorage.removeItem(key);
    } catch {
      localStorage.removeItem(key);
    }
  }
}

function note(words) {
  const place = document.getElementById("kept");
  if (!place) return;
  place.textContent = words;
  place.hidden = false;
}

// Put back what was typed here before a reload, a lost session or a crash. The form keeps the revision it was typed on, so
// that a change by somebody else meanwhile is noticed by the server and shown as a difference.
function restore() {
  const sheet = form();
  if (!sheet || field().readOnly) return;
  sheet.dataset.seen = "yes";
  measuredAt = null;
  if (document.querySelector("#draft .refusal")) return;
  const stored = read(sheet.dataset.draft);
  if (!stored) return;
  if (stored.text === field().defaultValue) {
    keep(sheet.dataset.draft, null); // the server has it already
    return;
  }
  if (stored.text === field().value) return;
  field().value = stored.text;
  sheet.elements.revision.value = stored.revision;
  field().dispatchEvent(new Event("input", { bubbles: true }));
  note(document.body.dataset.restored);
}

function count() {
  const counter = document.querySelector("#findings .counter");
  if (!counter) return;
  const now = graphemes(field().value);
  measuredAt ??= { length: Number(counter.dataset.length), graphemes: graphemes(field().defaultValue) };
  const length = Math.max(0, measuredAt.length + now - measuredAt.graphemes);
  const limit = Number(counter.dataset.limit);
  counter.textContent = limit
    ? counter.dataset.words.replace("{length}", length)
    : document.body.dataset.countFree.replace("{length}", length);
  counter.classList.toggle("over", limit > 0 && length > limit);
}

document.addEventListener("input", (event) => {
  if (event.target.id !== "text" || !form()) return;
  const sheet = form();
  const kept = keep(sheet.dataset.draft, {
    text: field().value,
    revision: sheet.elements.revision.value,
    at: Date.now(),
  });
  count();
  if (kept) note(document.body.dataset.kept);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-restore]");
  if (!button) return;
  field().value = button.dataset.restore;
  field().dispatchEvent(new Event("input", { bubbles: true }));
  field().focus();
});

// The server has it: the form was answered without a refusal.
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement?.id === "text" && ctx.response?.status === 200) {
    measuredAt = null;
  }
  if (ctx.sourceElement?.id === "draft-form" && ctx.response?.status < 400) {
    keep(ctx.sourceElement.dataset.draft, null);
  }
});
document.addEventListener("htmx:after:swap", (event) => {
  const target = event.detail.ctx.target;
  if (target?.id === "findings") {
    const counter = document.querySelector("#findings .counter");
    measuredAt = { length: Number(counter?.dataset.length ?? 0), graphemes: graphemes(field()?.value ?? "") };
    const sheet = form();
    if (sheet && read(sheet.dataset.draft)) note(document.body.dataset.kept);
  } else if (["work", "draft"].includes(target?.id) || !document.getElementById("draft-form")?.dataset.seen) {
    restore();
  }
});

forgetOld();
restore();
