// An approved text from the book, put where the reader's cursor is: an unsaved edit, never done by itself.
const field = () => document.getElementById("text");

function reveal() {
  for (const button of document.querySelectorAll("[data-insert][hidden]")) button.hidden = false;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  if (!button || !field() || field().readOnly) return;
  const text = document.getElementById(button.dataset.insert)?.textContent.trim() ?? "";
  const { value, selectionEnd } = field();
  // A field that nobody was in has its cursor at the start: what is inserted belongs to the end then.
  const at = selectionEnd > 0 ? selectionEnd : value.length;
  const before = at > 0 && !/\s$/.test(value.slice(0, at)) ? "\n" : "";
  const after = at < value.length && !/^\s/.test(value.slice(at)) ? "\n" : "";
  field().setRangeText(before + text + after, at, at, "end");
  field().dispatchEvent(new Event("input", { bubbles: true }));
  field().focus();
});

document.addEventListener("htmx:after:swap", reveal);
reveal();
