// Keyboard shortcuts of the triage board, without reloading the page. Every key has a button; without
// scripts a button reloads the board at the card.
"use strict";

(() => {
  const board = document.querySelector(".board");
  const form = document.getElementById("board-press");
  const said = document.getElementById("board-said");
  const keys = document.querySelector(".board-keys");
  const keysOn = document.getElementById("board-keys-on");
  if (!board || !form) return;

  const STORED = "board-keys";
  const CHOICES = { t: "talk", p: "poster", b: "both", w: "waitlist", d: "decline" };
  let last = null; // id of the card decided last in this window

  const cardsIn = (column) => [...column.querySelectorAll(".board-card")];
  const columns = () => [...board.querySelectorAll(".board-column")];
  const cardOf = (element) => element?.closest?.(".board-card") ?? null;
  const say = (words) => {
    said.textContent = "";
    // Announce the same text again, too.
    requestAnimationFrame(() => (said.textContent = words));
  };

  function goTo(card) {
    const title = card?.querySelector("h3 a");
    if (!title) return;
    title.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
  }

  function step(card, by) {
    const cards = card ? cardsIn(card.closest(".board-column")) : [...board.querySelectorAll(".board-card")];
    goTo(card ? cards[cards.indexOf(card) + by] : cards[0]);
  }

  function across(card, by) {
    const all = columns().filter((column) => cardsIn(column).length);
    const here = all.indexOf(card.closest(".board-column"));
    const column = all[here + by];
    if (!column) return;
    const top = card.getBoundingClientRect().top;
    const near = (other) => Math.abs(other.getBoundingClientRect().top - top);
    goTo(cardsIn(column).reduce((best, other) => (near(other) < near(best) ? other : best)));
  }

  const nothing = () => {
    const line = document.createElement("li");
    line.className = "board-nothing";
    line.textContent = "Nothing here.";
    return line;
  };

  function put(card, html, to) {
    const from = card.closest(".board-column");
    const box = document.createElement("template");
    box.innerHTML = html.trim();
    const fresh = box.content.firstElementChild;
    const target = to && board.querySelector(`.board-column[data-column="${to}"]`);
    if (fresh && target === from) {
      card.replaceWith(fresh);
      return fresh;
    }
    card.remove();
    if (fresh && target) {
      target.querySelector(".board-nothing")?.remove();
      target.querySelector(".board-cards").prepend(fresh);
    }
    const list = from.querySelector(".board-cards");
    if (!list.firstElementChild) list.append(nothing());
    return target ? fresh : null;
  }

  function show(answer) {
    for (const [column, [count, pending, bulk]] of Object.entries(answer.heads)) {
      for (const place of board.querySelectorAll(`[data-count="${column}"]`)) place.textContent = count;
      for (const place of board.querySelectorAll(`[data-pending="${column}"]`)) place.textContent = pending;
      for (const place of board.querySelectorAll(`option[value="${column}"]`)) {
        if (place.parentElement.name === "whom") place.textContent = bulk;
      }
    }
    document.getElementById("board-places").innerHTML = answer.capacity;
  }

  // `goesOn`: the focus moves to the next card at once; otherwise it follows the decided card.
  async function press(button, goesOn = true) {
    const card = cardOf(button);
    if (!card || card.classList.contains("is-sent")) return;
    const column = card.closest(".board-column");
    const cards = cardsIn(column);
    const place = cards.indexOf(card);
    const next = cards[place + 1] ?? cards[place - 1] ?? null;
    const body = new FormData(form);
    body.set("press", button.value);
    card.classList.add("is-sent");
    // After a key the focus moves on at once; the response is announced on arrival.
    if (next && goesOn) goTo(next);
    let answer;
    try {
      const response = await fetch(form.action, {
        method: "POST",
        body,
        headers: { Accept: "application/json" },
        redirect: "error",
      });
      if (!response.ok) throw new Error(String(response.status));
      answer = await response.json();
    } catch {
      card.classList.remove("is-sent");
      say(`${card.dataset.reference}: not saved. Load the page again, and see whether you are still signed in.`);
      goTo(card);
      return;
    }
    const hadFocus = !next || cardOf(document.activeElement) === card;
    const fresh = put(card, answer.card, answer.column);
    show(answer);
    say(answer.words);
    // Show the release link, even if nothing was pending when the page was loaded.
    if (answer.done) board.querySelector(".board-release").hidden = false;
    if (answer.done) last = `card-${button.value.split(":")[0]}`;
    if (fresh && !(answer.done && goesOn)) goTo(fresh);
    else if (hadFocus || !document.activeElement || document.activeElement === document.body) {
      if (next?.isConnected) goTo(next);
      else if (fresh?.closest(".board-column") === column) goTo(fresh);
      else column.querySelector("h2").focus();
    }
    if (!answer.done && !fresh) showRefusal(answer.words);
  }

  // Errors stay visible, too.
  function showRefusal(words) {
    let list = document.querySelector(".messagelist");
    if (!list) {
      list = document.createElement("ul");
      list.className = "messagelist";
      board.prepend(list);
    }
    const line = document.createElement("li");
    line.className = "error";
    line.textContent = words;
    list.append(line);
  }

  function takeBack(card) {
    const own = card.querySelector('button[data-choice="clear"]');
    const other = last && document.getElementById(last);
    const button = own ?? other?.querySelector('button[data-choice="clear"]');
    if (button) press(button, button === own);
    else say("Nothing is pending here to take back.");
  }

  function decide(card, choice) {
    const button = card.querySelector(`button[data-choice="${choice}"]`);
    if (button) {
      press(button);
      return;
    }
    const isFixed = !card.querySelector(".board-choices");
    say(
      isFixed
        ? `${card.dataset.reference} is decided already.`
        : `${card.dataset.reference} has no such button: it is pending so, or did not ask for it. Open it to offer something else.`,
    );
  }

  board.addEventListener("click", (event) => {
    const button = event.target.closest('button[form="board-press"]');
    if (!button) return;
    event.preventDefault();
    press(button);
  });

  board.addEventListener("change", (event) => {
    if (!event.target.matches('input[name="row"]')) return;
    const ticked = board.querySelectorAll('input[name="row"]:checked').length;
    const many = board.querySelector(".board-many");
    many.open ||= ticked > 0;
    many.querySelector("[data-ticked]").textContent = ticked ? `(${ticked} ticked)` : "";
  });

  keys.hidden = false;
  try {
    keysOn.checked = localStorage.getItem(STORED) !== "off";
  } catch {
    // Storage is forbidden: on at each visit.
  }
  keysOn.addEventListener("change", () => {
    say(keysOn.checked ? "Single keys decide." : "Single keys are off.");
    try {
      localStorage.setItem(STORED, keysOn.checked ? "on" : "off");
    } catch {
      // Off until the page is left.
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    const target = event.target;
    if (target.matches?.("select, textarea, input:not([type=checkbox])")) return;
    const card = cardOf(target);
    const isArrow = event.key.startsWith("Arrow");
    if (isArrow && !card) return; // elsewhere arrows scroll
    if (!isArrow && !keysOn.checked) return;
    const key = isArrow ? event.key : event.key.toLowerCase();
    const steps = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
    if (key in steps) step(card, steps[key]);
    else if (!card) return;
    else if (key === "ArrowRight") across(card, 1);
    else if (key === "ArrowLeft") across(card, -1);
    else if (key === "a") decide(card, card.dataset.asked);
    else if (key in CHOICES) decide(card, CHOICES[key]);
    else if (key === "u") takeBack(card);
    else if (key === "x") card.querySelector("input[type=checkbox]")?.click();
    else return;
    event.preventDefault();
  });
})();
