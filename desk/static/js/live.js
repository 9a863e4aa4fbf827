// News from the desk: counts and the pill of arrivals. Nothing here moves a row.
const QUIET_MILLISECONDS = 1500;
const RETRY_MILLISECONDS = 5000;
let source = null;
let due = null;
let retry = null;

function tell(heard) {
  const connected = heard && navigator.onLine;
  const sign = document.getElementById("live");
  if (!sign) return;
  sign.hidden = false;
  sign.classList.toggle("off", !connected);
  sign.lastElementChild.textContent = connected ? sign.dataset.on : sign.dataset.off;
}

async function refresh() {
  due = null;
  const rows = document.getElementById("rows");
  if (rows) {
    const before = document.getElementById("pill")?.textContent;
    const { split, newest } = rows.dataset;
    await window.htmx.ajax("GET", `/inbox/pulse?split=${split}&newest=${newest}`, { target: "#arrivals", swap: "innerHTML" });
    await showWritten();
    const now = document.getElementById("pill")?.textContent;
    if (now && now !== before) document.getElementById("counted").textContent = now;
  } else if (document.querySelector(".group, .delivery") && !document.activeElement?.matches("input, textarea")) {
    window.htmx.ajax("GET", location.pathname + location.search, { target: "#main", select: "#main", swap: "outerMorph" });
  }
}

// Where an option is being written, it is shown as soon as it is there: nobody can be typing in its place.
async function showWritten() {
  const again = document.getElementById("being-written")?.dataset.again;
  if (again) await window.htmx.ajax("GET", again, { target: "#draft", swap: "outerHTML" });
}

function open() {
  if (source || document.visibilityState !== "visible") return;
  source = new EventSource("/events");
  source.addEventListener("open", () => tell(true));
  source.addEventListener("change", () => {
    due ??= setTimeout(refresh, QUIET_MILLISECONDS);
  });
  source.addEventListener("error", () => {
    tell(false);
    if (source?.readyState === EventSource.CLOSED) {
      close();
      retry ??= setTimeout(() => { retry = null; open(); }, RETRY_MILLISECONDS);
    }
  });
}

function close() {
  source?.close();
  source = null;
}

// Browsers allow six connections to one host: a tab that nobody looks at gives its own back.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") {
    open();
    due ??= setTimeout(refresh, 100);
  } else {
    close();
  }
});
addEventListener("offline", () => tell(false));
addEventListener("online", () => tell(source?.readyState === EventSource.OPEN));
addEventListener("pagehide", close);
open();
