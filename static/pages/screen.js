// Screens in the hall: a ticking clock, and a refresh that keeps the last page while the network is gone.
"use strict";

const settings = document.currentScript.dataset;
const EVERY = 60_000; // ms between refreshes
let ahead = 0; // ms by which the server's clock is ahead of this computer's
let lastSuccess = Date.now();

const timeFormat = new Intl.DateTimeFormat("en-GB", { timeZone: settings.zone, hour: "2-digit", minute: "2-digit" });

function showTime() {
  const clock = document.querySelector(".screen-clock time");
  const text = timeFormat.format(Date.now() + ahead);
  if (clock && clock.textContent !== text) clock.textContent = text;
}

function setClock(response) {
  const difference = Date.parse(response.headers.get("Date")) - Date.now();
  // The header has whole seconds.
  ahead = Math.abs(difference) > 2000 ? difference : 0;
}

function styles(page) {
  return [...page.querySelectorAll("link[rel=stylesheet], script[src]")].map((one) => one.getAttribute("href") || one.getAttribute("src")).join();
}

function replacePage(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const fresh = page.getElementById("screen");
  if (!fresh) return false;
  if (styles(page) !== styles(document)) {
    location.reload(); // another version of the site
    return true;
  }
  const shown = document.getElementById("screen");
  // Somebody at the keyboard keeps the focus.
  if (!shown.contains(document.activeElement)) {
    document.documentElement.className = page.documentElement.className;
    document.title = page.title;
    shown.replaceWith(fresh);
  }
  return true;
}

function tellOffline() {
  const line = document.querySelector(".screen-offline");
  if (line) line.textContent = settings.offline.replace("{time}", timeFormat.format(lastSuccess + ahead));
}

async function refresh() {
  try {
    const response = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(EVERY / 2) });
    if (!response.ok || !replacePage(await response.text())) throw new Error(response.statusText);
    setClock(response);
    lastSuccess = Date.now();
  } catch {
    tellOffline();
  }
  showTime();
}

showTime();
setInterval(showTime, 1000);
setInterval(refresh, EVERY);
setTimeout(refresh, 3000); // for the server's clock
window.addEventListener("online", refresh);
