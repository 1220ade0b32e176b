// Stars beside talks: the visitor's own programme, kept in this browser alone. Loaded with
// blocking="render", so that a long programme is laid out once, with its stars.
"use strict";

const texts = document.currentScript.dataset; // in the language of the page
const links = [...document.querySelectorAll("a.my-programme")];
const calendar = document.querySelector("a.my-calendar");
const path = links[0]?.pathname ?? location.pathname; // one choice for each edition
const isOwnPage = location.pathname === path;

function readChosen() {
  return (localStorage.getItem(path) ?? "").split(",").filter((key) => /^\d+$/.test(key));
}

function query(keys) {
  return keys.length > 0 ? `?talks=${keys.join(",")}` : "";
}

// A button in the place of each empty span; the style sheet draws the star.
function makeButton(place) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = place.className;
  button.dataset.talk = place.dataset.talk;
  button.dataset.title = place.closest("p, h2, h3, h4, h5, li")?.querySelector("a")?.textContent.trim() ?? "";
  button.addEventListener("click", () => toggle(button.dataset.talk));
  place.replaceWith(button);
}

function toggle(key) {
  const before = readChosen();
  const isShown = isOwnPage && location.search === query(before);
  const after = before.includes(key) ? before.filter((other) => other !== key) : [...before, key];
  localStorage.setItem(path, after.join(","));
  if (isShown) {
    // The row stays, so that the star can be set again.
    history.replaceState(null, "", path + query(after));
    if (calendar) calendar.href = calendar.pathname + query(after);
  }
  refresh();
}

function refresh() {
  const chosen = readChosen();
  for (const button of document.querySelectorAll("button.star")) {
    const { talk, title } = button.dataset;
    const isChosen = chosen.includes(talk);
    const words = isChosen ? texts.remove : texts.add;
    button.classList.toggle("is-chosen", isChosen);
    if (button.classList.contains("star-words")) button.textContent = words;
    else button.ariaLabel = `${words}: ${title}`;
  }
  for (const link of links) link.href = path + query(chosen);
}

try {
  const chosen = readChosen(); // throws where storage is forbidden: then there are no stars
  if (isOwnPage && location.search === "" && chosen.length > 0) location.replace(path + query(chosen));
  document.querySelectorAll(".star").forEach(makeButton);
  refresh();
  document.documentElement.classList.add("has-stars");
  window.addEventListener("storage", refresh);
  window.addEventListener("pageshow", refresh);
} catch (error) {
  if (!(error instanceof DOMException)) throw error;
}
