// Beside the times of the programme, the same moments on the reader's own clock, if that is another one.
"use strict";

const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
const sameDay = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const withDay = new Intl.DateTimeFormat("en-GB", { weekday: "short", hour: "2-digit", minute: "2-digit" });

// "2024-06-27T09:30+01:00" says the clock time there; the browser says the one here.
function here(element) {
  const words = element.getAttribute("datetime");
  const moment = new Date(words);
  if (!words.includes("T") || Number.isNaN(moment.getTime())) return null;
  const offset = words.endsWith("Z") ? 0 : Number(`${words.at(-6)}1`) * (Number(words.slice(-5, -3)) * 60 + Number(words.slice(-2)));
  if (offset === -moment.getTimezoneOffset()) return null;
  return (moment.getDate() === Number(words.slice(8, 10)) ? sameDay : withDay).format(moment);
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
