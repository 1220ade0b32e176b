// Stars beside talks: the visitor's own programme, kept in this browser alone.
"use strict";

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

function drawStar() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const shape = document.createElementNS(svg.namespaceURI, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  shape.setAttribute("d", "M12 3.5l2.6 5.6 6.1.7-4.5 4.2 1.2 6L12 17l-5.4 3 1.2-6-4.5-4.2 6.1-.7z");
  svg.append(shape);
  return svg;
}

function makeButton(place) {
  const button = document.createElement("button");
  const words = document.createElement("span");
  const title = place.closest("p, h2, h3, h4, h5, li")?.querySelector("a")?.textContent.trim();
  button.type = "button";
  button.dataset.title = (place.classList.contains("star-words") ? "" : title) ?? "";
  button.append(drawStar(), words);
  button.addEventListener("click", () => toggle(place.dataset.talk));
  place.append(button);
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
  for (const place of document.querySelectorAll(".star")) {
    const isChosen = chosen.includes(place.dataset.talk);
    const button = place.querySelector("button");
    const { title } = button.dataset;
    button.classList.toggle("is-chosen", isChosen);
    const words = isChosen ? "Remove from my programme" : "Add to my programme";
    button.querySelector("span").textContent = title ? `${words}: ${title}` : words;
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
