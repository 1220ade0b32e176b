// Check-in on a telephone: camera, answers at once, and 15 minutes or more without network.
//
// The list of people is in memory only. Scans that the server has not confirmed are kept in the
// browser's storage, so that a reload loses none; they hold codes and times, no names.
"use strict";

{
  const settings = document.currentScript.dataset;
  const SEND_EVERY = 5_000; // ms
  const LIST_EVERY = 60_000;
  const PAUSE = 2_500; // ms in which the same ticket before the camera is one scan
  const MOST_AT_ONCE = 200;
  const MOST_FOUND = 20;
  const KEY = `check-in-${settings.edition}`;
  const SENTENCES = { welcome: "Checked in", already: "Already checked in", waiting: "On the waiting list: no place yet", cancelled: "This registration is cancelled" };

  const find = (id) => document.getElementById(id);
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const clean = (text) => text.replace(/[\s-]/g, "").toUpperCase();
  const now = () => new Date().toISOString();

  const stored = (key, fallback) => {
    try {
      return JSON.parse(localStorage.getItem(key)) ?? fallback;
    } catch {
      return fallback;
    }
  };
  const device = stored("check-in-device", null) || crypto.getRandomValues(new Uint32Array(3)).join("-");
  let queue = stored(KEY, []);
  let people = [];
  let listedAt = null;
  let isSending = false;

  const store = (key, value) => {
    try {
      localStorage.setItem(key, JSON.stringify(value));
    } catch {
      // A full or forbidden storage: the queue is still in memory.
    }
  };

  // What is shown

  const showAnswer = ({ outcome, sentence, person }) => {
    const part = find("checkin-answer-template").content.cloneNode(true);
    const box = part.querySelector(".checkin-answer");
    box.classList.add(`is-${outcome}`);
    const since = outcome === "already" && person?.since ? ` since ${person.since}` : "";
    box.querySelector(".checkin-sentence").textContent = sentence + since;
    box.querySelector("h2").textContent = person?.name ?? "";
    box.querySelector(".checkin-pronunciation").textContent = person?.pronunciation ?? "";
    box.querySelector(".checkin-affiliation").textContent = person?.affiliation ?? "";
    for (const word of [person?.kind, ...(person?.extras ?? []), person?.note].filter(Boolean)) {
      const item = document.createElement("b");
      item.dir = "auto";
      item.textContent = word;
      box.querySelector(".checkin-facts").append(item, " ");
    }
    const [admit, undo] = box.querySelectorAll("button");
    const needsPlace = outcome === "waiting" || outcome === "cancelled";
    (needsPlace ? undo : admit).remove();
    if (person) box.querySelector("[name=person]").value = person.id;
    else box.querySelector("form").remove();
    for (const empty of box.querySelectorAll("p:empty, h2:empty")) empty.remove();
    if (!person) box.removeAttribute("aria-labelledby");
    find("checkin-answer").replaceChildren(part);
    find("checkin-found").replaceChildren();
  };

  const showCounts = (counts) => {
    const [everyone, ...kinds] = counts;
    find("checkin-here").textContent = everyone.here;
    find("checkin-expected").textContent = everyone.expected;
    for (const row of document.querySelectorAll(".checkin-kinds tbody tr")) {
      const kind = kinds.find(({ name }) => name === row.dataset.kind);
      if (kind) [row.cells[1].textContent, row.cells[2].textContent] = [kind.here, kind.expected];
    }
  };

  const showNetwork = (problem = "") => {
    const waiting = queue.length ? `${queue.length} ${queue.length === 1 ? "check-in waits" : "check-ins wait"} on this phone and will be sent. Leave this page open.` : "";
    const text = [problem, problem || isSending ? waiting : ""].filter(Boolean).join(" ");
    const line = find("checkin-network");
    if (line.textContent !== text) line.textContent = text;
  };

  // Scans

  const personOf = (text) => {
    const token = /\/register\/ticket\/([\w-]+)\/?$/.exec(text.trim())?.[1] ?? text.trim();
    const code = clean(text);
    return people.find((one) => one.token === token || clean(one.code) === code);
  };

  const answerFromList = (person) => {
    if (person.status !== "registered") return { outcome: person.status, sentence: SENTENCES[person.status], person };
    const outcome = person.since ? "already" : "welcome";
    return { outcome, sentence: SENTENCES[outcome], person };
  };

  const checkIn = (text) => {
    const person = personOf(text);
    const scan = { text, at: now() };
    queue.push(scan);
    store(KEY, queue);
    if (person) {
      showAnswer(answerFromList(person));
      if (person.status === "registered" && !person.since) person.since = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    } else {
      const when = listedAt ? ` loaded at ${listedAt}` : "";
      showAnswer({ outcome: "unknown", sentence: `Not in the list${when}. Asking the server …`, person: null });
    }
    send(scan);
  };

  const update = (person) => {
    const known = people.find((one) => one.id === person.id);
    if (known) Object.assign(known, person);
    else people.push(person);
  };

  // The server's answer to the newest scan replaces the one from the list, which may be old.
  const take = (sent, answers, newest) => {
    queue = queue.filter((scan) => !sent.includes(scan));
    store(KEY, queue);
    answers.forEach((answer, number) => {
      if (answer.person) update(answer.person);
      if (sent[number] === newest) showAnswer(answer);
    });
  };

  let newestScan = null;

  const send = async (newest = null) => {
    newestScan = newest ?? newestScan;
    if (isSending) return;
    isSending = true;
    try {
      do {
        const sent = queue.slice(0, MOST_AT_ONCE);
        const response = await fetch(settings.scans, {
          method: "POST",
          headers: { "Content-Type": "application/json", "X-CSRFToken": document.querySelector("#checkin-form [name=csrfmiddlewaretoken]").value },
          body: JSON.stringify({ device, scans: sent }),
          redirect: "manual",
          signal: AbortSignal.timeout(10_000),
        });
        if (!response.ok) {
          const isSignedOut = response.type === "opaqueredirect" || response.status === 403;
          showNetwork(isSignedOut ? "You are signed out. Sign in again in another tab, then come back to this one." : "The server does not accept check-ins at the moment.");
          return;
        }
        const { answers, counts } = await response.json();
        take(sent, answers, newestScan);
        showCounts(counts);
      } while (queue.length);
      showNetwork();
    } catch {
      showNetwork("No network.");
    } finally {
      isSending = false;
    }
  };

  const loadPeople = async () => {
    try {
      const response = await fetch(settings.people, { redirect: "manual", signal: AbortSignal.timeout(20_000) });
      if (!response.ok) return;
      const { people: list, counts } = await response.json();
      people = list;
      // What waits on this phone is not in the list yet.
      for (const { text, at } of queue) {
        const person = personOf(text);
        if (person && !person.since) person.since = new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
      }
      listedAt = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
      showCounts(counts);
    } catch {
      // The earlier list stays.
    }
  };

  // Typed codes and names

  const showFound = (words) => {
    const wanted = fold(words).split(/\s+/).filter(Boolean);
    const found = people.filter((one) => wanted.every((word) => fold(`${one.name} ${one.affiliation}`).includes(word))).slice(0, MOST_FOUND);
    const list = document.createElement("ul");
    list.className = "checkin-found";
    for (const person of found) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button is-quiet";
      const name = document.createElement("b");
      name.dir = "auto";
      name.textContent = person.name;
      const affiliation = document.createElement("span");
      affiliation.dir = "auto";
      affiliation.textContent = person.affiliation;
      const state = document.createElement("i");
      state.textContent = person.since ? "here" : { waiting: "waiting list", cancelled: "cancelled" }[person.status] ?? "";
      button.append(name, " ", affiliation, " ", state);
      button.addEventListener("click", () => choose(person.code));
      const item = document.createElement("li");
      item.append(button);
      list.append(item);
    }
    const none = document.createElement("p");
    none.textContent = `Nobody with “${words}” is registered. Check the spelling, or add the person as a walk-in below.`;
    find("checkin-answer").replaceChildren();
    find("checkin-found").replaceChildren(found.length ? list : none);
  };

  const choose = (text) => {
    find("checkin-text").value = "";
    checkIn(text);
    find("checkin-text").focus();
  };

  find("checkin-form").addEventListener("submit", (event) => {
    if (!listedAt) return; // no list yet: the server answers with a page
    event.preventDefault();
    const text = find("checkin-text").value.trim();
    if (!text) return;
    if (personOf(text) || /^[A-Z0-9]{6}$/.test(clean(text)) && /\d/.test(text)) choose(text);
    else showFound(text);
  });

  // Camera

  const camera = find("checkin-camera");
  const video = camera.querySelector("video");
  const button = camera.querySelector("button");
  const note = camera.querySelector("p");
  let stream = null;
  let last = { text: "", at: 0 };

  const loadDecoder = () => new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = settings.decoder;
    script.addEventListener("load", resolve);
    script.addEventListener("error", reject);
    document.head.append(script);
  });

  const makeReader = async () => {
    const formats = "BarcodeDetector" in window ? await BarcodeDetector.getSupportedFormats() : [];
    if (formats.includes("qr_code")) {
      const detector = new BarcodeDetector({ formats: ["qr_code"] });
      return async () => (await detector.detect(video))[0]?.rawValue;
    }
    if (!window.readQRCode) await loadDecoder();
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("2d", { willReadFrequently: true });
    return async () => {
      const scale = Math.min(1, 640 / Math.max(video.videoWidth, video.videoHeight));
      canvas.width = Math.round(video.videoWidth * scale);
      canvas.height = Math.round(video.videoHeight * scale);
      if (!canvas.width) return null;
      context.drawImage(video, 0, 0, canvas.width, canvas.height);
      return window.readQRCode(context.getImageData(0, 0, canvas.width, canvas.height));
    };
  };

  const seen = (text) => {
    const isSame = text === last.text && Date.now() - last.at < PAUSE;
    last = { text, at: Date.now() };
    if (isSame) return;
    navigator.vibrate?.(80);
    checkIn(text);
  };

  const stopCamera = () => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    camera.classList.remove("is-on");
    button.textContent = "Scan tickets with the camera";
  };

  const startCamera = async () => {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      note.textContent = "The camera cannot be used: allow it for this site, or type the code.";
      note.hidden = false;
      return;
    }
    note.hidden = true;
    video.srcObject = stream;
    await video.play();
    camera.classList.add("is-on");
    button.textContent = "Stop the camera";
    const read = await makeReader();
    while (stream) {
      const text = await read().catch(() => null);
      if (text) seen(text);
      await new Promise((resolve) => setTimeout(resolve, 120));
    }
  };

  if (navigator.mediaDevices?.getUserMedia) {
    camera.hidden = false;
    button.addEventListener("click", () => (stream ? stopCamera() : startCamera()));
  }

  // Sending again

  store("check-in-device", device);
  window.addEventListener("online", () => send());
  document.addEventListener("visibilitychange", () => document.hidden || send());
  window.addEventListener("beforeunload", (event) => {
    if (queue.length && !navigator.onLine) event.preventDefault();
  });
  setInterval(send, SEND_EVERY, null);
  setInterval(loadPeople, LIST_EVERY);
  loadPeople();
  send();
}
