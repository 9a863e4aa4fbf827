// The keyboard. Single keys never act in a field, with a modifier, or while Japanese text is being converted.
import { isSettling } from "./panes.js";

const find = (selector) => document.querySelector(selector);
const act = (name) => [...document.querySelectorAll(`[data-act="${name}"]`)].find((element) => element.offsetParent !== null);
const press = (name) => act(name)?.click();
const typing = (target) => target.closest?.("input:not([type=radio],[type=checkbox]), textarea, select, [contenteditable]");
const openMenu = () => find("details.menu[open]");

function step(by) {
  const links = [...document.querySelectorAll("#rows .row .who")];
  if (!links.length) return;
  const focused = links.indexOf(document.activeElement);
  const current = links.findIndex((link) => link.closest(".row").hasAttribute("aria-current"));
  const from = focused >= 0 ? focused : current;
  const next = links[Math.min(links.length - 1, Math.max(0, from + by))];
  next.focus();
  if (find("#work")?.offsetParent !== null) next.click();
}

function show(menu) {
  const details = find(menu);
  if (!details) return;
  details.open = !details.open;
  if (details.open) details.querySelector(".menu-body button")?.focus();
}

function correct() {
  const details = find("#correct");
  if (!details) return;
  if (find("#background").offsetParent === null) location.hash = "background";
  details.open = true;
  details.querySelector("select")?.focus();
}

function openRow() {
  if (document.activeElement?.matches?.("#rows .who")) document.activeElement.click();
}

function backToList() {
  const row = find("#rows .row[aria-current] .who");
  if (row?.offsetParent) row.focus();
  else press("up");
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  o: openRow,
  u: backToList,
  a: () => press("approve"),
  e: edit,
  r: () => show("#reject"),
  i: () => show("#ignore"),
  z: () => press("undo"),
  n: () => press("next"),
  c: correct,
  m: () => press("mine"),
  "?": () => find("#sheet")?.showModal(),
};
const REPEATABLE = new Set(["j", "k"]);
const DECIDING = new Set(["a", "r", "i"]);

function edit() {
  const text = find("#text");
  if (!text) {
    press("edit");
    return;
  }
  text.focus();
  text.setSelectionRange(text.value.length, text.value.length);
}

function inField(event) {
  const mine = event.target.id === "text";
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && mine) {
    event.preventDefault();
    if (!event.repeat && !isSettling()) press(act("approve") ? "approve" : "save");
  } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s" && mine) {
    event.preventDefault();
    press("save");
  } else if (event.key === "Escape" && mine) {
    find("#main h1")?.focus();
  }
}

function inMenu(event) {
  const menu = openMenu();
  if (event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
    return true;
  }
  const choice = /^[1-9]$/.test(event.key) && menu.querySelector(`[data-number="${event.key}"]`);
  if (choice && !event.repeat && !isSettling()) {
    choice.click();
    return true;
  }
  return false;
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
  if (typing(event.target)) {
    inField(event);
    return;
  }
  if (openMenu() && inMenu(event)) {
    event.preventDefault();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || find("dialog[open]")) return;
  if (document.body.dataset.singleKeys !== "on") return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const action = KEYS[key];
  if (!action || (event.repeat && !REPEATABLE.has(key)) || (DECIDING.has(key) && isSettling())) return;
  event.preventDefault();
  action();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-act=sheet]")) find("#sheet")?.showModal();
});
