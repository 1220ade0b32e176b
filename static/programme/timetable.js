// The grid of a programme's day. A session is dragged, or selected and moved by keys or buttons, and
// put down, which sends the form of its page "Move" with the version of the place shown here. The
// response, the current page, replaces this one. Without scripts the list below the grid links to the
// same form.
const STEP = 5; // minutes
const REM_PER_MINUTE = 0.1; // height of a minute
const SCROLL_MARGIN = 40; // pixels from the window's edge, where dragging scrolls

const root = document.getElementById("content-start");
let activeMove = null; // the move in progress: { block, day, ghost, start, area, pointer }
let scope = "nothing";
let isSending = false;
let wasDragged = false; // since the last pointerdown: the click that ends a drag selects nothing

// Outside the replaced part of the page, so that screen readers announce it.
const liveRegion = document.createElement("p");
liveRegion.id = "timetable-live";
liveRegion.className = "visually-hidden";
liveRegion.setAttribute("role", "status");
document.body.append(liveRegion);

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

function announce(day, message) {
  day.querySelector(".timetable-status").textContent = message;
  liveRegion.textContent = "";
  // Announce the same text again, too.
  requestAnimationFrame(() => (liveRegion.textContent = message));
}

function draw(day) {
  const begin = Number(day.dataset.begin);
  day.hidden = false;
  const height = `${(Number(day.dataset.end) - begin) * REM_PER_MINUTE}rem`;
  for (const part of day.querySelectorAll(".timetable-area, .timetable-hours")) part.style.height = height;
  for (const hour of day.querySelectorAll("[data-top]")) hour.style.top = `${(hour.dataset.top - begin) * REM_PER_MINUTE}rem`;
  for (const block of day.querySelectorAll(".timetable-area .timetable-block")) {
    const { start, height: minutes, lane, lanes } = block.dataset;
    block.style.top = `${(start - begin) * REM_PER_MINUTE}rem`;
    block.style.height = `calc(${minutes * REM_PER_MINUTE}rem - 1px)`;
    block.style.left = `${(100 * lane) / lanes}%`;
    block.style.width = `calc(${100 / lanes}% - 1px)`;
  }
  for (const choice of day.querySelectorAll(".timetable-scope input")) choice.checked = choice.value === scope;
}

function startMove(block, pointer = null) {
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
  ghost.style.height = `${Math.max(Number(block.dataset.height || block.dataset.minutes), 15) * REM_PER_MINUTE}rem`;
  // A session without a time starts after the last one in its room.
  const area = areaOf(block);
  const ends = [...area.querySelectorAll(".timetable-block")].map((other) => Number(other.dataset.start) + Number(other.dataset.height));
  const begin = Number(day.dataset.begin);
  const start = block.dataset.start === "" ? Math.min(Math.max(begin + 60, ...ends), latestStart(day)) : Number(block.dataset.start);
  activeMove = { block, day, ghost, area, start, pointer, originalArea: area, originalStart: block.dataset.start === "" ? null : start };
  block.classList.add("is-held");
  block.setAttribute("aria-pressed", "true");
  if (!pointer) day.querySelector(".timetable-toolbar").hidden = false;
  drawGhost();
}

function latestStart(day) {
  return Math.min(Number(day.dataset.end), 24 * 60) - STEP;
}

function drawGhost() {
  const { block, day, ghost, area, start } = activeMove;
  if (ghost.parentElement !== area) area.append(ghost);
  ghost.style.top = `${(start - Number(day.dataset.begin)) * REM_PER_MINUTE}rem`;
  ghost.querySelector(".timetable-time").textContent = timesOf(block, start);
  for (const other of areasOf(day)) other.classList.toggle("is-target", other === area);
}

function endMove() {
  const { block, day, ghost } = activeMove;
  activeMove = null;
  ghost.remove();
  block.classList.remove("is-held");
  block.setAttribute("aria-pressed", "false");
  day.querySelector(".timetable-toolbar").hidden = true;
  for (const area of areasOf(day)) area.classList.remove("is-target");
}

function cancelMove() {
  const { block, day } = activeMove;
  endMove();
  announce(day, `“${titleOf(block)}” stays where it was.`);
}

function moveTo(start, area) {
  const { block, day } = activeMove;
  activeMove.start = Math.min(Math.max(start, Number(day.dataset.begin)), latestStart(day));
  activeMove.area = area ?? activeMove.area;
  drawGhost();
  if (!activeMove.pointer) announce(day, `${timesOf(block, activeMove.start)}, ${roomOf(activeMove.area)}`);
}

function changeTime(minutes) {
  const steps = minutes > 0 ? Math.floor(activeMove.start / STEP) : Math.ceil(activeMove.start / STEP);
  moveTo(steps * STEP + minutes);
}

function changeRoom(offset) {
  const areas = areasOf(activeMove.day);
  moveTo(activeMove.start, areas[areas.indexOf(activeMove.area) + offset]);
}

function submitMove() {
  const { block, start, area, originalStart, originalArea } = activeMove;
  if (start === originalStart && area === originalArea) {
    cancelMove();
    return;
  }
  const data = new FormData();
  data.set("seen", block.dataset.seen);
  data.set("room", area.dataset.room);
  if (originalStart === null) data.set("starts_at", clock(start));
  else {
    data.set("minutes", start - originalStart);
    data.set("along", scope);
  }
  sendMove(block.dataset.move, data, block.id);
}

async function sendMove(address, data, id) {
  if (isSending) return;
  isSending = true;
  const day = dayOf(document.getElementById(id));
  day.classList.add("is-sent");
  data.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
  let newContent = null;
  let message = "Nothing was moved: there was no answer that could be read. Load the page again, and see whether you are still signed in.";
  try {
    const response = await fetch(address, { method: "POST", body: data });
    const answer = new DOMParser().parseFromString(await response.text(), "text/html");
    newContent = answer.querySelector(".timetable") && answer.getElementById("content-start");
    const messages = [...answer.querySelectorAll(".messagelist li, .errorlist li")];
    message = messages.map((line) => line.textContent.trim()).join(" ") || message;
    if (!newContent && messages.length) message = `Nothing was moved. ${message}`;
  } catch {
    // Reported below.
  }
  isSending = false;
  day.classList.remove("is-sent");
  if (activeMove) endMove();
  if (newContent) replacePage(newContent, id, message);
  else announce(day, message);
  document.getElementById(id)?.focus({ preventScroll: true });
}

// Replace the page, with the same session at the same height of the window.
function replacePage(newContent, id, message) {
  const before = document.getElementById(id).getBoundingClientRect().top;
  const dayId = dayOf(document.getElementById(id)).id;
  root.replaceChildren(...document.adoptNode(newContent).childNodes);
  drawAll();
  const day = document.getElementById(dayId) ?? document.querySelector(".timetable");
  const block = document.getElementById(id);
  if (block) scrollBy(0, block.getBoundingClientRect().top - before);
  const undo = root.querySelector(".programme-undo");
  if (undo) {
    undo.dataset.session = id;
    day.querySelector(".timetable-messages").append(undo);
  }
  announce(day, message);
}

function drawAll() {
  for (const day of document.querySelectorAll(".timetable")) draw(day);
}

const KEYS = {
  ArrowUp: () => changeTime(-STEP),
  ArrowDown: () => changeTime(STEP),
  PageUp: () => changeTime(-12 * STEP),
  PageDown: () => changeTime(12 * STEP),
  ArrowLeft: () => changeRoom(-1),
  ArrowRight: () => changeRoom(1),
};
const BUTTONS = {
  earlier: KEYS.ArrowUp,
  later: KEYS.ArrowDown,
  before: KEYS.ArrowLeft,
  after: KEYS.ArrowRight,
  submit: submitMove,
  cancel: cancelMove,
};

root.addEventListener("keydown", (event) => {
  const block = event.target.closest(".timetable-block");
  if (!block || isSending || activeMove?.pointer) return;
  const isUndo = event.key === "z" && (event.ctrlKey || event.metaKey);
  if (isUndo) {
    const undo = root.querySelector(".programme-undo");
    if (!undo) return;
    undo.dataset.session = block.id;
    undo.requestSubmit();
  } else if (event.ctrlKey || event.altKey || event.metaKey) return;
  else if (event.key === "Escape" && activeMove) cancelMove();
  else if (event.key === "Enter" && activeMove) submitMove();
  else if (event.key in KEYS) {
    if (!activeMove) startMove(block);
    KEYS[event.key]();
  } else return;
  event.preventDefault();
});

// Enter, space, a tap or a click without a drag select a session; the buttons move it.
root.addEventListener("click", (event) => {
  const block = event.target.closest(".timetable-block");
  const button = event.target.closest(".timetable-toolbar button");
  const endsDrag = wasDragged && event.detail > 0; // 0: a key
  if (isSending || endsDrag || (!block && !button)) return;
  if (button) {
    const movedBlock = activeMove?.block;
    if (activeMove) BUTTONS[button.dataset.action]();
    if (!activeMove && !isSending) movedBlock?.focus({ preventScroll: true });
  } else if (activeMove?.block === block) submitMove();
  else if (block) {
    if (activeMove) cancelMove();
    block.focus({ preventScroll: true });
    startMove(block);
    const { day, start, area } = activeMove;
    announce(day, `“${titleOf(block)}” is chosen: ${timesOf(block, start)}, ${roomOf(area)}.`);
  }
});

// Moving the focus elsewhere cancels the move.
root.addEventListener("focusout", (event) => {
  if (!activeMove || activeMove.pointer || isSending) return;
  const to = event.relatedTarget;
  if (to && to !== activeMove.block && !to.closest(".timetable-toolbar") && !to.closest(".timetable-scope")) cancelMove();
});

root.addEventListener("change", (event) => {
  if (!event.target.matches(".timetable-scope input")) return;
  scope = event.target.value;
  drawAll();
});

root.addEventListener("submit", (event) => {
  const form = event.target.closest(".programme-undo");
  const id = form?.dataset.session;
  if (!id || !document.getElementById(id)) return;
  event.preventDefault();
  sendMove(form.action, new FormData(form), id);
});

root.addEventListener("pointerdown", (event) => {
  wasDragged = false;
  const block = event.target.closest(".timetable-block");
  if (!block || event.button !== 0 || isSending) return;
  // A touch on a session scrolls the page; on its grip it drags.
  if (event.pointerType === "touch" && !event.target.closest(".timetable-grip")) return;
  if (activeMove) cancelMove();
  const rect = block.getBoundingClientRect();
  const origin = { x: event.clientX, y: event.clientY, grabbed: event.clientY - rect.top };
  const onMove = (move) => {
    if (!activeMove) {
      if (Math.hypot(move.clientX - origin.x, move.clientY - origin.y) < 5) return;
      startMove(block, origin);
      block.setPointerCapture(event.pointerId);
    }
    drag(move, origin);
  };
  const onEnd = (end) => {
    for (const [kind, listener] of listeners) document.removeEventListener(kind, listener);
    if (!activeMove?.pointer) return;
    wasDragged = true;
    block.focus({ preventScroll: true });
    if (end.type === "pointerup") submitMove();
    else cancelMove();
  };
  const onEscape = (key) => {
    if (key.key === "Escape" && activeMove?.pointer) onEnd(key);
  };
  const listeners = [["pointermove", onMove], ["pointerup", onEnd], ["pointercancel", onEnd], ["keydown", onEscape]];
  for (const [kind, listener] of listeners) document.addEventListener(kind, listener);
});

function drag(move, origin) {
  if (move.clientY < SCROLL_MARGIN) scrollBy(0, -12);
  if (move.clientY > innerHeight - SCROLL_MARGIN) scrollBy(0, 12);
  const areas = areasOf(activeMove.day);
  const distance = (area) => {
    const { left, right } = area.getBoundingClientRect();
    return Math.max(left - move.clientX, move.clientX - right);
  };
  const area = areas.reduce((nearest, other) => (distance(other) < distance(nearest) ? other : nearest));
  const { top, height } = area.getBoundingClientRect();
  const minutes = Number(activeMove.day.dataset.end) - Number(activeMove.day.dataset.begin);
  const down = ((move.clientY - origin.grabbed - top) / height) * minutes;
  const start = Number(activeMove.day.dataset.begin) + Math.round(down / STEP) * STEP;
  // A move into another room keeps a time between two steps.
  moveTo(activeMove.originalStart !== null && Math.abs(start - activeMove.originalStart) < STEP ? activeMove.originalStart : start, area);
}

drawAll();
