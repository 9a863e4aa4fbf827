// The panes keep together when only one of them changes: current row, view on a phone, menus, the pause after a change.
const SETTLE_MILLISECONDS = 600;
let settledAt = 0;

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
  if (open !== shown) settledAt = performance.now() + SETTLE_MILLISECONDS;
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

// A failed request leaves the page and the text as they are, and says so.
document.addEventListener("htmx:error", () => {
  const notice = document.getElementById("notice");
  if (!notice) return;
  const said = document.createElement("div");
  said.className = "refusal c-warn";
  said.textContent = document.body.dataset.failed;
  notice.replaceChildren(said);
});
