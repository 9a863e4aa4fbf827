// Clocks on the page: the hold that runs out, the time left, how long ago. Words come from the page's own language.
const MINUTE = 60_000;
const words = () => document.body.dataset;

function span(milliseconds) {
  const minutes = Math.max(0, Math.floor(milliseconds / MINUTE));
  if (minutes >= 1440) return words().days.replace("{count}", Math.floor(minutes / 1440));
  if (minutes >= 60) return words().hours.replace("{count}", Math.floor(minutes / 60));
  return words().minutes.replace("{count}", minutes);
}

function tickHolds() {
  const now = Date.now();
  for (const toast of document.querySelectorAll("[data-hold]")) {
    const left = Math.ceil((Date.parse(toast.dataset.hold) - now) / 1000);
    const said = toast.querySelector("[data-sends-in]");
    if (left <= 0) {
      toast.remove();
    } else if (said) {
      said.textContent = said.dataset.sendsIn.replace("{count}", left);
    }
  }
  for (const line of document.querySelectorAll("[data-hold-left]")) {
    const left = Math.max(0, Math.ceil((Date.parse(line.dataset.holdLeft) - now) / 1000));
    line.textContent = line.dataset.said.replace("{count}", left);
  }
}

function tickMinutes() {
  const now = Date.now();
  for (const age of document.querySelectorAll("time[data-ago]")) {
    const passed = now - Date.parse(age.dateTime);
    age.textContent = passed < MINUTE ? words().justNow : words().ago.replace("{span}", span(passed));
  }
  for (const due of document.querySelectorAll("time[data-due]")) {
    const left = Date.parse(due.dateTime) - now;
    due.textContent = (left >= 0 ? words().left : words().over).replace("{span}", span(Math.abs(left)));
    due.classList.toggle("c-bad", left < 5 * MINUTE);
    due.classList.toggle("c-warn", left >= 5 * MINUTE && left < 30 * MINUTE);
  }
}

setInterval(tickHolds, 1000);
setInterval(tickMinutes, MINUTE / 2);
