// Keeps a draft of the form on this device until it is sent, and counts the words of the abstract.
// The form works without it.
"use strict";

(() => {
  const KEEP = 24 * 3600 * 1000; // milliseconds
  const NEVER_KEPT = new Set(["csrfmiddlewaretoken", "token", "comment"]);

  const store = {
    read(key) {
      try {
        const draft = JSON.parse(localStorage.getItem(key));
        return draft && Date.now() - draft.at < KEEP ? draft.answers : null;
      } catch {
        return null;
      }
    },
    write(key, answers) {
      try {
        localStorage.setItem(key, JSON.stringify({ at: Date.now(), answers }));
      } catch {
        // Storage is full or forbidden: no draft.
      }
    },
    drop(key) {
      try {
        localStorage.removeItem(key);
      } catch {
        // Storage is forbidden.
      }
    },
  };

  // Same rule as apps/interest/fields.py: words are separated by spaces, invisible characters ignored.
  function countWords(text) {
    const spaced = text.replace(/[\s\x1c-\x1f\x85\ufeff]+/g, " ");
    return spaced
      .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, "")
      .split(" ")
      .filter(Boolean).length;
  }

  function addCounter(area) {
    const limit = Number(area.dataset.wordLimit);
    const line = document.createElement("p");
    line.className = "form-count";
    line.setAttribute("role", "status");
    let timer = 0;
    const say = () => {
      const count = countWords(area.value);
      const over = count - limit;
      line.textContent =
        over > 0
          ? `${count} words: ${over} too many`
          : `${count} of at most ${limit} words`;
      line.classList.toggle("is-over", over > 0);
    };
    area.after(line);
    say();
    area.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(say, 400); // not at every key, for screen readers
    });
    return say;
  }

  function answersOf(form) {
    return [...new FormData(form)].filter(
      ([name, value]) => !NEVER_KEPT.has(name) && typeof value === "string" && value,
    );
  }

  function putBack(form, answers) {
    for (const [name, value] of answers) {
      for (const control of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (control.type === "checkbox" || control.type === "radio") {
          control.checked ||= control.value === value;
        } else {
          control.value = value;
        }
        const folds = control.type === "radio" ? null : control.closest("details");
        for (let fold = folds; fold; fold = fold.parentElement.closest("details")) {
          fold.open = true;
        }
      }
    }
  }

  function sayKept(form, key) {
    const line = document.createElement("p");
    line.className = "muted small draft-note";
    line.textContent = "What you typed is kept on this device for a day, until you send it. ";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-secondary";
    button.textContent = "Forget it";
    button.addEventListener("click", () => {
      store.drop(key);
      form.reset();
      line.textContent = "Forgotten.";
      line.setAttribute("role", "status");
    });
    line.append(button);
    form.append(line);
  }

  for (const done of document.querySelectorAll("[data-draft-done]")) {
    store.drop(`draft:${done.dataset.draftDone}`);
  }

  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const key = `draft:${form.dataset.draft}`;
  // After an error the page holds all input and is newer than any draft.
  const kept = "sent" in form.dataset ? null : store.read(key);
  if (kept && !answersOf(form).length) {
    putBack(form, kept);
    sayKept(form, key);
  }
  for (const area of form.querySelectorAll("[data-word-limit]")) addCounter(area);
  let timer = 0;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => store.write(key, answersOf(form)), 500);
  });
})();
