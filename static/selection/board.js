// Keyboard shortcuts of the decision board, without reloading the page. Every key has a button; without
// scripts a button reloads the board at the card.
"use strict";

(() => {
  const board = document.querySelector(".board");
  const form = document.getElementById("board-form");
  const status = document.getElementById("board-status");
  const shortcuts = document.querySelector(".board-keys");
  const shortcutsOn = document.getElementById("board-keys-on");
  if (!board || !form) return;

  const STORAGE_KEY = "board-keys";
  const CHOICES = { t: "talk", p: "poster", b: "both", w: "waitlist", d: "decline" };
  let lastDecided = null; // id of the card decided last in this window

  const cardsIn = (column) => [...column.querySelectorAll(".board-card")];
  const columns = () => [...board.querySelectorAll(".board-column")];
  const cardOf = (element) => element?.closest?.(".board-card") ?? null;
  const announce = (text) => {
    status.textContent = "";
    // Announce the same text again, too.
    requestAnimationFrame(() => (status.textContent = text));
  };

  function focusCard(card) {
    const title = card?.querySelector("h3 a");
    if (!title) return;
    title.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
  }

  function moveFocus(card, offset) {
    const cards = card ? cardsIn(card.closest(".board-column")) : [...board.querySelectorAll(".board-card")];
    focusCard(card ? cards[cards.indexOf(card) + offset] : cards[0]);
  }

  function changeColumn(card, offset) {
    const filled = columns().filter((column) => cardsIn(column).length);
    const index = filled.indexOf(card.closest(".board-column"));
    const column = filled[index + offset];
    if (!column) return;
    const top = card.getBoundingClientRect().top;
    const distance = (other) => Math.abs(other.getBoundingClientRect().top - top);
    focusCard(cardsIn(column).reduce((best, other) => (distance(other) < distance(best) ? other : best)));
  }

  const emptyLine = () => {
    const line = document.createElement("li");
    line.className = "board-empty";
    line.textContent = "Nothing here.";
    return line;
  };

  function replaceCard(card, html, columnKey) {
    const oldColumn = card.closest(".board-column");
    const template = document.createElement("template");
    template.innerHTML = html.trim();
    const newCard = template.content.firstElementChild;
    const newColumn = columnKey && board.querySelector(`.board-column[data-column="${columnKey}"]`);
    if (newCard && newColumn === oldColumn) {
      card.replaceWith(newCard);
      return newCard;
    }
    card.remove();
    if (newCard && newColumn) {
      newColumn.querySelector(".board-empty")?.remove();
      newColumn.querySelector(".board-cards").prepend(newCard);
    }
    const list = oldColumn.querySelector(".board-cards");
    if (!list.firstElementChild) list.append(emptyLine());
    return newColumn ? newCard : null;
  }

  function updateCounts(answer) {
    for (const [column, [count, pending, bulkLabel]] of Object.entries(answer.columns)) {
      for (const element of board.querySelectorAll(`[data-count="${column}"]`)) element.textContent = count;
      for (const element of board.querySelectorAll(`[data-pending="${column}"]`)) element.textContent = pending;
      for (const element of board.querySelectorAll(`option[value="${column}"]`)) {
        if (element.parentElement.name === "whom") element.textContent = bulkLabel;
      }
    }
    document.getElementById("board-places").innerHTML = answer.capacity;
  }

  // `advances`: the focus moves to the next card at once; otherwise it follows the decided card.
  async function submitDecision(button, advances = true) {
    const card = cardOf(button);
    if (!card || card.classList.contains("is-sent")) return;
    const column = card.closest(".board-column");
    const cards = cardsIn(column);
    const index = cards.indexOf(card);
    const next = cards[index + 1] ?? cards[index - 1] ?? null;
    const body = new FormData(form);
    body.set("press", button.value);
    card.classList.add("is-sent");
    // After a key the focus moves on at once; the response is announced on arrival.
    if (next && advances) focusCard(next);
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
      announce(`${card.dataset.reference}: not saved. Load the page again, and see whether you are still signed in.`);
      focusCard(card);
      return;
    }
    const hadFocus = !next || cardOf(document.activeElement) === card;
    const newCard = replaceCard(card, answer.card, answer.column);
    updateCounts(answer);
    announce(answer.message);
    // Show the release link, even if nothing was pending when the page was loaded.
    if (answer.done) board.querySelector(".board-release").hidden = false;
    if (answer.done) lastDecided = `card-${button.value.split(":")[0]}`;
    if (newCard && !(answer.done && advances)) focusCard(newCard);
    else if (hadFocus || !document.activeElement || document.activeElement === document.body) {
      if (next?.isConnected) focusCard(next);
      else if (newCard?.closest(".board-column") === column) focusCard(newCard);
      else column.querySelector("h2").focus();
    }
    if (!answer.done && !newCard) showError(answer.message);
  }

  // Errors stay visible, too.
  function showError(text) {
    let list = document.querySelector(".messagelist");
    if (!list) {
      list = document.createElement("ul");
      list.className = "messagelist";
      board.prepend(list);
    }
    const line = document.createElement("li");
    line.className = "error";
    line.textContent = text;
    list.append(line);
  }

  function clearDecision(card) {
    const ownButton = card.querySelector('button[data-choice="clear"]');
    const lastCard = lastDecided && document.getElementById(lastDecided);
    const button = ownButton ?? lastCard?.querySelector('button[data-choice="clear"]');
    if (button) submitDecision(button, button === ownButton);
    else announce("Nothing is pending here to take back.");
  }

  function decide(card, choice) {
    const button = card.querySelector(`button[data-choice="${choice}"]`);
    if (button) {
      submitDecision(button);
      return;
    }
    const isFixed = !card.querySelector(".board-choices");
    announce(
      isFixed
        ? `${card.dataset.reference} is decided already.`
        : `${card.dataset.reference} has no such button: it is pending so, or did not ask for it. Open it to offer something else.`,
    );
  }

  board.addEventListener("click", (event) => {
    const button = event.target.closest('button[form="board-form"]');
    if (!button) return;
    event.preventDefault();
    submitDecision(button);
  });

  board.addEventListener("change", (event) => {
    if (!event.target.matches('input[name="row"]')) return;
    const ticked = board.querySelectorAll('input[name="row"]:checked').length;
    const bulk = board.querySelector(".board-bulk");
    bulk.open ||= ticked > 0;
    bulk.querySelector("[data-ticked]").textContent = ticked ? `(${ticked} ticked)` : "";
  });

  shortcuts.hidden = false;
  try {
    shortcutsOn.checked = localStorage.getItem(STORAGE_KEY) !== "off";
  } catch {
    // Storage is forbidden: on at each visit.
  }
  shortcutsOn.addEventListener("change", () => {
    announce(shortcutsOn.checked ? "Single keys decide." : "Single keys are off.");
    try {
      localStorage.setItem(STORAGE_KEY, shortcutsOn.checked ? "on" : "off");
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
    if (!isArrow && !shortcutsOn.checked) return;
    const key = isArrow ? event.key : event.key.toLowerCase();
    const steps = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
    if (key in steps) moveFocus(card, steps[key]);
    else if (!card) return;
    else if (key === "ArrowRight") changeColumn(card, 1);
    else if (key === "ArrowLeft") changeColumn(card, -1);
    else if (key === "a") decide(card, card.dataset.asked);
    else if (key in CHOICES) decide(card, CHOICES[key]);
    else if (key === "u") clearDecision(card);
    else if (key === "x") card.querySelector("input[type=checkbox]")?.click();
    else return;
    event.preventDefault();
  });
})();
