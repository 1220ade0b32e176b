// The grid of a programme's day. A session is dragged, or selected and moved by keys or buttons, and
// put down, which sends the form of its page "Move" with the place it was seen at. The response, the
// current page, replaces this one. Without scripts the list below the grid links to the same form.
const STEP = 5; // minutes
const REM = 0.1; // of a minute down the page
const NEAR = 40; // pixels from the window's edge, where dragging scrolls

const root = document.getElementById("content-start");
let held = null; // the move in progress: { block, day, ghost, start, area, pointer }
let along = "nothing";
let isSending = false;
let wasDragged = false; // since the last pointerdown: the click that ends a drag selects nothing

// Outside the replaced part of the page, so that screen readers announce it.
const live = document.createElement("p");
live.id = "timetable-heard";
live.className = "visually-hidden";
live.setAttribute("role", "status");
document.body.append(live);

const clock = (minute) =>
  `${String(Math.floor(minute / 60) % 24).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
const dayOf = (element) => element.closest(".timetable");
const areasOf = (day) => [...day.querySelectorAll(".timetable-area")];
const roomOf = (area) => area.parentElement.querySelector("h3").textContent;
const titleOf = (block) => block.querySelector(".timetable-title").textContent;
const areaOf = (block) =>
  areasOf(dayOf(block)).find((area) => area.dataset.room === block.dataset.room) ?? areasOf(dayOf(block)).at(-1);

function timesOf(block, start) {
  const minutes = Number(block.dataset.minutes);
  return clock(start) + (minutes ? `–${clock(start + minutes)}` : "");
}

function say(day, words) {
  day.querySelector(".timetable-words").textContent = words;
  live.textContent = "";
  // Announce the same text again, too.
  requestAnimationFrame(() => (live.textContent = words));
}

function draw(day) {
  const begin = Number(day.dataset.begin);
  day.hidden = false;
  const height = `${(Number(day.dataset.end) - begin) * REM}rem`;
  for (const part of day.querySelectorAll(".timetable-area, .timetable-hours")) part.style.height = height;
  for (const hour of day.querySelectorAll("[data-top]")) hour.style.top = `${(hour.dataset.top - begin) * REM}rem`;
  for (const block of day.querySelectorAll(".timetable-area .timetable-block")) {
    const { start, drawn, lane, lanes } = block.dataset;
    block.style.top = `${(start - begin) * REM}rem`;
    block.style.height = `calc(${drawn * REM}rem - 1px)`;
    block.style.left = `${(100 * lane) / lanes}%`;
    block.style.width = `calc(${100 / lanes}% - 1px)`;
  }
  for (const choice of day.querySelectorAll(".timetable-along input")) choice.checked = choice.value === along;
}

function hold(block, pointer = null) {
  const day = dayOf(block);
  const ghost = document.createElement("div");
  ghost.className = `${block.className} is-ghost`;
  ghost.setAttribute("aria-hidden", "true");
  for (const name of ["timetable-time", "timetable-title"]) {
    const part = document.createElement("span");
    part.className = name;
    part.dir = "auto";
    part.textContent = block.querySelector(`.${name}`).textContent;
    ghost.append(part);
  }
  ghost.style.height = `${Math.max(Number(block.dataset.drawn || block.dataset.minutes), 15) * REM}rem`;
  // A session without a time starts after the last one in its room.
  const area = areaOf(block);
  const ends = [...area.querySelectorAll(".timetable-block")].map((one) => Number(one.dataset.start) + Number(one.dataset.drawn));
  const begin = Number(day.dataset.begin);
  const start = block.dataset.start === "" ? Math.min(Math.max(begin + 60, ...ends), latest(day)) : Number(block.dataset.start);
  held = { block, day, ghost, area, start, pointer, home: area, at: block.dataset.start === "" ? null : start };
  block.classList.add("is-held");
  block.setAttribute("aria-pressed", "true");
  if (!pointer) day.querySelector(".timetable-held").hidden = false;
  show();
}

function latest(day) {
  return Math.min(Number(day.dataset.end), 24 * 60) - STEP;
}

function show() {
  const { block, day, ghost, area, start } = held;
  if (ghost.parentElement !== area) area.append(ghost);
  ghost.style.top = `${(start - Number(day.dataset.begin)) * REM}rem`;
  ghost.querySelector(".timetable-time").textContent = timesOf(block, start);
  for (const one of areasOf(day)) one.classList.toggle("is-target", one === area);
}

function letGo() {
  const { block, day, ghost } = held;
  held = null;
  ghost.remove();
  block.classList.remove("is-held");
  block.setAttribute("aria-pressed", "false");
  day.querySelector(".timetable-held").hidden = true;
  for (const one of areasOf(day)) one.classList.remove("is-target");
}

function leave() {
  const { block, day } = held;
  letGo();
  say(day, `“${titleOf(block)}” stays where it was.`);
}

function moveTo(start, area) {
  const { block, day } = held;
  held.start = Math.min(Math.max(start, Number(day.dataset.begin)), latest(day));
  held.area = area ?? held.area;
  show();
  if (!held.pointer) say(day, `${timesOf(block, held.start)}, ${roomOf(held.area)}`);
}

function step(minutes) {
  const beside = minutes > 0 ? Math.floor(held.start / STEP) : Math.ceil(held.start / STEP);
  moveTo(beside * STEP + minutes);
}

function across(by) {
  const areas = areasOf(held.day);
  moveTo(held.start, areas[areas.indexOf(held.area) + by]);
}

function putDown() {
  const { block, start, area, at, home } = held;
  if (start === at && area === home) {
    leave();
    return;
  }
  const sent = new FormData();
  sent.set("seen", block.dataset.seen);
  sent.set("room", area.dataset.room);
  if (at === null) sent.set("starts_at", clock(start));
  else {
    sent.set("minutes", start - at);
    sent.set("along", along);
  }
  send(block.dataset.move, sent, block.id);
}

async function send(address, sent, id) {
  if (isSending) return;
  isSending = true;
  const day = dayOf(document.getElementById(id));
  day.classList.add("is-sent");
  sent.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
  let fresh = null;
  let words = "Nothing was moved: there was no answer that could be read. Load the page again, and see whether you are still signed in.";
  try {
    const response = await fetch(address, { method: "POST", body: sent });
    const answer = new DOMParser().parseFromString(await response.text(), "text/html");
    fresh = answer.querySelector(".timetable") && answer.getElementById("content-start");
    const said = [...answer.querySelectorAll(".messagelist li, .errorlist li")];
    words = said.map((one) => one.textContent.trim()).join(" ") || words;
    if (!fresh && said.length) words = `Nothing was moved. ${words}`;
  } catch {
    // Reported below.
  }
  isSending = false;
  day.classList.remove("is-sent");
  if (held) letGo();
  if (fresh) takeIn(fresh, id, words);
  else say(day, words);
  document.getElementById(id)?.focus({ preventScroll: true });
}

// Replace the page, with the same session at the same height of the window.
function takeIn(fresh, id, words) {
  const before = document.getElementById(id).getBoundingClientRect().top;
  const number = dayOf(document.getElementById(id)).id;
  root.replaceChildren(...document.adoptNode(fresh).childNodes);
  drawAll();
  const day = document.getElementById(number) ?? document.querySelector(".timetable");
  const block = document.getElementById(id);
  if (block) scrollBy(0, block.getBoundingClientRect().top - before);
  const undo = root.querySelector(".programme-undo");
  if (undo) {
    undo.dataset.session = id;
    day.querySelector(".timetable-said").append(undo);
  }
  say(day, words);
}

function drawAll() {
  for (const day of document.querySelectorAll(".timetable")) draw(day);
}

const KEYS = {
  ArrowUp: () => step(-STEP),
  ArrowDown: () => step(STEP),
  PageUp: () => step(-12 * STEP),
  PageDown: () => step(12 * STEP),
  ArrowLeft: () => across(-1),
  ArrowRight: () => across(1),
};
const BUTTONS = {
  earlier: KEYS.ArrowUp,
  later: KEYS.ArrowDown,
  before: KEYS.ArrowLeft,
  after: KEYS.ArrowRight,
  put: putDown,
  leave,
};

root.addEventListener("keydown", (event) => {
  const block = event.target.closest(".timetable-block");
  if (!block || isSending || held?.pointer) return;
  const isUndo = event.key === "z" && (event.ctrlKey || event.metaKey);
  if (isUndo) {
    const undo = root.querySelector(".programme-undo");
    if (!undo) return;
    undo.dataset.session = block.id;
    undo.requestSubmit();
  } else if (event.ctrlKey || event.altKey || event.metaKey) return;
  else if (event.key === "Escape" && held) leave();
  else if (event.key === "Enter" && held) putDown();
  else if (event.key in KEYS) {
    if (!held) hold(block);
    KEYS[event.key]();
  } else return;
  event.preventDefault();
});

// Enter, space, a tap or a click without a drag select a session; the buttons move it.
root.addEventListener("click", (event) => {
  const block = event.target.closest(".timetable-block");
  const button = event.target.closest(".timetable-held button");
  const endsDrag = wasDragged && event.detail > 0; // 0: a key
  if (isSending || endsDrag || (!block && !button)) return;
  if (button) {
    const chosen = held?.block;
    if (held) BUTTONS[button.dataset.do]();
    if (!held && !isSending) chosen?.focus({ preventScroll: true });
  } else if (held?.block === block) putDown();
  else if (block) {
    if (held) leave();
    block.focus({ preventScroll: true });
    hold(block);
    const { day, start, area } = held;
    say(day, `“${titleOf(block)}” is chosen: ${timesOf(block, start)}, ${roomOf(area)}.`);
  }
});

// Moving the focus elsewhere cancels the move.
root.addEventListener("focusout", (event) => {
  if (!held || held.pointer || isSending) return;
  const to = event.relatedTarget;
  if (to && to !== held.block && !to.closest(".timetable-held") && !to.closest(".timetable-along")) leave();
});

root.addEventListener("change", (event) => {
  if (!event.target.matches(".timetable-along input")) return;
  along = event.target.value;
  drawAll();
});

root.addEventListener("submit", (event) => {
  const form = event.target.closest(".programme-undo");
  const id = form?.dataset.session;
  if (!id || !document.getElementById(id)) return;
  event.preventDefault();
  send(form.action, new FormData(form), id);
});

root.addEventListener("pointerdown", (event) => {
  wasDragged = false;
  const block = event.target.closest(".timetable-block");
  if (!block || event.button !== 0 || isSending) return;
  // A touch on a session scrolls the page; on its grip it drags.
  if (event.pointerType === "touch" && !event.target.closest(".timetable-grip")) return;
  if (held) leave();
  const rect = block.getBoundingClientRect();
  const from = { x: event.clientX, y: event.clientY, grabbed: event.clientY - rect.top };
  const follow = (move) => {
    if (!held) {
      if (Math.hypot(move.clientX - from.x, move.clientY - from.y) < 5) return;
      hold(block, from);
      block.setPointerCapture(event.pointerId);
    }
    drag(move, from);
  };
  const stop = (end) => {
    for (const [kind, listener] of listeners) document.removeEventListener(kind, listener);
    if (!held?.pointer) return;
    wasDragged = true;
    block.focus({ preventScroll: true });
    if (end.type === "pointerup") putDown();
    else leave();
  };
  const escape = (key) => {
    if (key.key === "Escape" && held?.pointer) stop(key);
  };
  const listeners = [["pointermove", follow], ["pointerup", stop], ["pointercancel", stop], ["keydown", escape]];
  for (const [kind, listener] of listeners) document.addEventListener(kind, listener);
});

function drag(move, from) {
  if (move.clientY < NEAR) scrollBy(0, -12);
  if (move.clientY > innerHeight - NEAR) scrollBy(0, 12);
  const areas = areasOf(held.day);
  const far = (area) => {
    const { left, right } = area.getBoundingClientRect();
    return Math.max(left - move.clientX, move.clientX - right);
  };
  const area = areas.reduce((best, other) => (far(other) < far(best) ? other : best));
  const { top, height } = area.getBoundingClientRect();
  const minutes = Number(held.day.dataset.end) - Number(held.day.dataset.begin);
  const down = ((move.clientY - from.grabbed - top) / height) * minutes;
  const start = Number(held.day.dataset.begin) + Math.round(down / STEP) * STEP;
  // A move into another room keeps a time between two steps.
  moveTo(held.at !== null && Math.abs(start - held.at) < STEP ? held.at : start, area);
}

drawAll();
