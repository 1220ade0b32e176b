// Keeps a draft of the form on this device until it is sent, and counts the words of the abstract.
// The form works without it, and holds its texts in data attributes.
"use strict";

(() => {
  const MAX_AGE = 24 * 3600 * 1000; // milliseconds
  const NEVER_STORED = new Set(["csrfmiddlewaretoken", "token", "comment"]);

  const storage = {
    read(key) {
      try {
        const draft = JSON.parse(localStorage.getItem(key));
        return draft && Date.now() - draft.at < MAX_AGE ? draft.answers : null;
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
    remove(key) {
      try {
        localStorage.removeItem(key);
      } catch {
        // Storage is forbidden.
      }
    },
  };

  // Same rule as apps/core/text.py: words are separated by spaces, invisible characters ignored.
  function countWords(text) {
    const spaced = text.replace(/[\s\x1c-\x1f\x85\ufeff]+/g, " ");
    return spaced
      .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, "")
      .split(" ")
      .filter(Boolean).length;
  }

  function addCounter(area, words) {
    const limit = Number(area.dataset.wordLimit);
    const line = document.createElement("p");
    line.className = "form-count";
    line.setAttribute("role", "status");
    let timer = 0;
    const update = () => {
      const count = countWords(area.value);
      const excess = count - limit;
      const text = excess > 0 ? words.tooManyWords : words.wordCount;
      line.textContent = text
        .replace("{count}", count)
        .replace("{limit}", limit)
        .replace("{excess}", excess);
      line.classList.toggle("is-over", excess > 0);
    };
    area.after(line);
    update();
    area.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(update, 400); // not at every key, for screen readers
    });
  }

  function answersOf(form) {
    return [...new FormData(form)].filter(
      ([name, value]) => !NEVER_STORED.has(name) && typeof value === "string" && value,
    );
  }

  function restoreAnswers(form, answers) {
    for (const [name, value] of answers) {
      for (const control of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (control.type === "checkbox" || control.type === "radio") {
          control.checked ||= control.value === value;
        } else {
          control.value = value;
        }
        const section = control.type === "radio" ? null : control.closest("details");
        for (let details = section; details; details = details.parentElement.closest("details")) {
          details.open = true;
        }
      }
    }
  }

  function showDraftNote(form, key) {
    const line = document.createElement("p");
    line.className = "muted small draft-note";
    line.textContent = `${form.dataset.draftKept} `;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-secondary";
    button.textContent = form.dataset.draftDelete;
    button.addEventListener("click", () => {
      storage.remove(key);
      form.reset();
      line.textContent = form.dataset.draftDeleted;
      line.setAttribute("role", "status");
    });
    line.append(button);
    form.append(line);
  }

  for (const receipt of document.querySelectorAll("[data-draft-done]")) {
    storage.remove(`draft:${receipt.dataset.draftDone}`);
  }

  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const key = `draft:${form.dataset.draft}`;
  // After an error the page holds all input and is newer than any draft.
  const stored = "submitted" in form.dataset ? null : storage.read(key);
  if (stored && !answersOf(form).length) {
    restoreAnswers(form, stored);
    showDraftNote(form, key);
  }
  for (const area of form.querySelectorAll("[data-word-limit]")) addCounter(area, form.dataset);
  let timer = 0;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => storage.write(key, answersOf(form)), 500);
  });
})();
