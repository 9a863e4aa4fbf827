// The panes keep together when only one of them changes: current row, view on a phone, menus, the pause after a change.
const SETTLE_MILLISECONDS = 600;
// While a row that the reader chose is on its way, a key would still meet the case before it.
const MOVE_MILLISECONDS = 3000;
let settledAt = 0;
let chosen = null;

// A second click or key of a double press must not decide on the conversation that has just come up in its place.
export const isSettling = () => performance.now() < settledAt;

function follow() {
  const open = document.querySelector("#work [data-case]")?.dataset.case;
  for (const row of document.querySelectorAll("#rows .row")) {
    const current = row.dataset.conversation === open;
    if (current) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
    if (current) row.scrollIntoView({ block: "nearest" });
  }
  if (document.body.classList.contains("inbox")) {
    const one = location.pathname.startsWith("/inbox/");
    document.body.classList.toggle("viewing-case", one);
    document.body.classList.toggle("viewing-queue", !one);
  }
}

let shown = document.querySelector("#work [data-case]")?.dataset.case;
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.target?.id !== "work") return;
  const open = document.querySelector("#work [data-case]")?.dataset.case;
  // A case that the reader opened is the one they mean to decide on; one that came up by itself is not, yet.
  if (open !== shown) {
    const meant = open === chosen && isSettling();
    settledAt = meant ? 0 : performance.now() + SETTLE_MILLISECONDS;
    chosen = null;
  }
  shown = open;
  follow();
  refillQueue();
});

// The list is fetched anew only when it ran empty, or when an undo brought back a case that it no longer shows.
function refillQueue() {
  const rows = document.getElementById("rows");
  const open = document.querySelector("#work [data-waiting=yes]")?.dataset.case;
  const missing = open && document.querySelector("#work .said") && !document.getElementById(`row-${open}`);
  const ranEmpty = rows?.matches("ul") && !rows.querySelector(".row");
  if (!rows || !(missing || ranEmpty)) return;
  window.htmx.ajax("GET", `/inbox/rows?split=${rows.dataset.split}`, { target: "#queue", swap: "innerHTML" }).then(follow);
}

document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.target?.id === "queue") follow();
});

document.addEventListener(
  "click",
  (event) => {
    const row = event.target.closest("#rows .who")?.closest(".row");
    if (row && row.dataset.conversation !== shown && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      chosen = row.dataset.conversation;
      settledAt = performance.now() + MOVE_MILLISECONDS;
    }
    const decides = event.target.closest("#work form button:not([type=button])");
    if (decides && isSettling()) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  },
  { capture: true },
);

// A menu at the edge of its pane opens within sight.
document.addEventListener(
  "toggle",
  (event) => {
    if (event.target.matches?.("details.menu[open]")) event.target.querySelector(".menu-body").scrollIntoView({ block: "nearest" });
  },
  { capture: true },
);

// A failed request leaves the page and the text as they are, and says so.
document.addEventListener("htmx:error", () => {
  if (chosen) settledAt = 0;
  chosen = null;
  const notice = document.getElementById("notice");
  if (!notice) return;
  const said = document.createElement("div");
  said.className = "refusal c-warn";
  said.textContent = document.body.dataset.failed;
  notice.replaceChildren(said);
});
