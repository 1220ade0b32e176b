// Show programme times in the reader's time zone too, if it differs. Loaded with blocking="render", so
// that lines do not move after the first paint.
"use strict";

const words = document.currentScript.dataset; // in the language of the page
const language = document.documentElement.lang;
const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const timeFormat = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
const dayFormat = new Intl.DateTimeFormat(language, { weekday: "short", hour: "2-digit", minute: "2-digit" });

// The local time of "2024-06-27T09:30+01:00", or null if the clock time is the same.
function localTime(element) {
  const text = element.getAttribute("datetime");
  const moment = new Date(text);
  if (!text.includes("T") || Number.isNaN(moment.getTime())) return null;
  const offset = text.endsWith("Z") ? 0 : Number(`${text.at(-6)}1`) * (Number(text.slice(-5, -3)) * 60 + Number(text.slice(-2)));
  if (offset === -moment.getTimezoneOffset()) return null;
  return (moment.getDate() === Number(text.slice(8, 10)) ? timeFormat : dayFormat).format(moment);
}

let isOtherZone = false;
for (const line of document.querySelectorAll(".hours, .when")) {
  const times = [...line.querySelectorAll("time[datetime*=T]")].map(localTime);
  if (times.length === 0 || times.includes(null)) continue;
  const note = document.createElement("span");
  note.className = "time-note";
  // There is little room beside the talks of a session.
  const shown = line.closest(".session .slots") ? times.slice(0, 1) : times;
  note.textContent = words.times.replace("{times}", shown.join(" – "));
  line.append(" ", note);
  isOtherZone = true;
}
const clocks = document.getElementById("clocks");
if (isOtherZone && clocks) {
  clocks.append(" ", words.below.replace("{city}", ownZone.split("/").at(-1).replaceAll("_", " ")));
}
