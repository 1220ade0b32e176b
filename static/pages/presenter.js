// The presenter's page: countdown of the current talk, by the programme or started by hand.
"use strict";

const settings = document.currentScript.dataset;
const KEY = `presenter ${location.pathname}`;
const LAST_MINUTE = 60; // seconds
const HOUR = 3600;

// This computer's clock may be wrong; the page is never cached.
const difference = Date.parse(settings.now) - Date.now();
const ahead = Math.abs(difference) > 3000 ? difference : 0;
const now = () => Date.now() + ahead;

const turns = [...document.querySelectorAll(".presenter-turns > li")].map((row) => ({
  row,
  talk: row.querySelector("div"),
  seconds: Number(row.dataset.seconds) || null,
  starts: Date.parse(row.dataset.starts) || null,
}));
const timeFormat = new Intl.DateTimeFormat("en-GB", { timeZone: settings.zone, hour: "2-digit", minute: "2-digit" });
const show = (name) => document.querySelector(`[data-show="${name}"]`);
const timeNumber = document.createElement("span");
const timeWord = document.createElement("span");
timeWord.className = "presenter-word";

// By hand: {talk, since}; null while the times of the programme count.
let byHand = read();

function read() {
  try {
    const stored = JSON.parse(sessionStorage.getItem(KEY));
    if (!turns[stored?.talk] || !Number.isFinite(stored.since)) return null;
    return { talk: stored.talk, since: Math.min(stored.since, now()) };
  } catch {
    return null;
  }
}

function keep(state) {
  byHand = state;
  try {
    if (state) sessionStorage.setItem(KEY, JSON.stringify(state));
    else sessionStorage.removeItem(KEY);
  } catch {
    // Without storage a reload follows the programme again.
  }
  draw();
}

// The talk by the programme: the last one that has begun, or the first.
function planned() {
  const begun = turns.filter((turn) => turn.starts && turn.starts <= now());
  return Math.max(begun.length - 1, 0);
}

function position() {
  if (byHand) return byHand;
  const talk = planned();
  return { talk, since: turns[talk].starts };
}

function inWords(seconds) {
  const whole = Math.abs(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

// The time as a number and a word.
function timeOf({ talk, since }) {
  if (!since) return { number: "", word: "", mood: "" };
  const passed = Math.floor((now() - since) / 1000);
  if (passed < -HOUR) return { number: timeFormat.format(since), word: "", mood: "" };
  if (passed < 0) return { number: inWords(passed), word: settings.until, mood: "" };
  const { seconds } = turns[talk];
  if (!seconds) return { number: inWords(passed), word: "", mood: "" };
  const left = seconds - passed;
  if (left < 0) return { number: `+${inWords(left)}`, word: settings.over, mood: "is-over" };
  return { number: inWords(left), word: settings.left, mood: left <= LAST_MINUTE ? "is-last-minute" : "" };
}

function fill(target, turn) {
  if (target.shown === turn) return;
  target.shown = turn;
  target.replaceChildren(...[...(turn?.talk.children ?? [])].map((child) => child.cloneNode(true)));
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function draw() {
  const at = position();
  const { number, word, mood } = timeOf(at);
  write(timeNumber, number);
  write(timeWord, word);
  show("time").className = `presenter-time ${mood}`;
  write(show("state"), `${at.talk + 1} / ${turns.length}`);
  fill(show("now"), turns[at.talk]);
  const next = turns[at.talk + 1];
  fill(show("next"), next);
  if (!next) write(show("next"), settings.end);
  write(show("mode"), byHand ? settings.byHand : settings.planned);
  for (const [number, { row }] of turns.entries()) {
    if (number === at.talk) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
  write(document.querySelector(".screen-clock time"), timeFormat.format(now()));
}

function move(step) {
  const talk = position().talk + step;
  if (turns[talk]) keep({ talk, since: now() });
}

const actions = {
  previous: () => move(-1),
  next: () => move(1),
  start: () => move(0),
  schedule: () => keep(null),
};
// The keys of remote controls for slides are PageUp and PageDown.
const keys = { ArrowRight: "next", PageDown: "next", ArrowLeft: "previous", PageUp: "previous" };

if (turns.length > 0) {
  for (const button of document.querySelectorAll("[data-do]")) {
    button.addEventListener("click", actions[button.dataset.do]);
  }
  document.addEventListener("keydown", (event) => {
    const action = keys[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    actions[action]();
  });
  show("time").replaceChildren(timeNumber, " ", timeWord);
  for (const name of ["next-part", "buttons", "help"]) show(name).hidden = false;
  draw();
  setInterval(draw, 250);
}
