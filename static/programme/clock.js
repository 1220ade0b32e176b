// Show programme times in the reader's time zone too, if it differs.
"use strict";

const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
const sameDay = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const withDay = new Intl.DateTimeFormat("en-GB", { weekday: "short", hour: "2-digit", minute: "2-digit" });

// The local time of "2024-06-27T09:30+01:00", or null if the clock time is the same.
function here(element) {
  const text = element.getAttribute("datetime");
  const moment = new Date(text);
  if (!text.includes("T") || Number.isNaN(moment.getTime())) return null;
  const offset = text.endsWith("Z") ? 0 : Number(`${text.at(-6)}1`) * (Number(text.slice(-5, -3)) * 60 + Number(text.slice(-2)));
  if (offset === -moment.getTimezoneOffset()) return null;
  return (moment.getDate() === Number(text.slice(8, 10)) ? sameDay : withDay).format(moment);
}

let isOther = false;
for (const line of document.querySelectorAll(".hours, .when")) {
  const times = [...line.querySelectorAll("time[datetime*=T]")].map(here);
  if (times.length === 0 || times.includes(null)) continue;
  const beside = document.createElement("span");
  beside.className = "own-clock";
  beside.textContent = `${times.join(" – ")} yours`;
  line.append(" ", beside);
  isOther = true;
}
const clocks = document.getElementById("clocks");
if (isOther && clocks) {
  clocks.append(` Below them are yours (${own.split("/").at(-1).replaceAll("_", " ")}).`);
}
