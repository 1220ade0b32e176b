// Keyboard shortcuts on the review page, which works as a plain form without them.
// They can be switched off, and are ignored in text fields (WCAG 2.2, 2.1.4).
(() => {
  const form = document.querySelector("form[data-review]");
  if (!form) return;
  const panel = form.querySelector("[data-shortcuts]");
  const toggle = panel.querySelector("input");
  const remark = form.querySelector("textarea");
  const STORAGE_KEY = "review-keys";

  const areEnabled = () => {
    try {
      return localStorage.getItem(STORAGE_KEY) !== "off";
    } catch {
      return true; // storage is forbidden: on by default, the checkbox applies to this page
    }
  };
  const showKeys = () => {
    for (const key of form.querySelectorAll("kbd")) key.hidden = !toggle.checked;
  };
  toggle.checked = areEnabled();
  panel.hidden = false;
  showKeys();
  toggle.addEventListener("change", () => {
    showKeys();
    try {
      localStorage.setItem(STORAGE_KEY, toggle.checked ? "on" : "off");
    } catch {
      // Storage is forbidden.
    }
  });

  const isTextField = (element) => element.matches("textarea, select, input:not([type=radio])") || element.isContentEditable;
  const selectScore = (value) => {
    const radio = form.querySelector(`input[name=verdict][value="${value}"]`);
    radio.checked = true;
    radio.focus();
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const actions = {
    c: () => selectScore(0),
    r: () => remark.focus(),
    n: () => form.requestSubmit(),
    s: () => form.querySelector("[data-skip]").click(),
  };

  document.addEventListener("keydown", (event) => {
    if (!toggle.checked || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape" && event.target === remark) {
      (form.querySelector("input[name=verdict]:checked") || form.querySelector("input[name=verdict]")).focus();
      return;
    }
    if (isTextField(event.target)) return;
    const action = /^[0-5]$/.test(event.key) ? () => selectScore(event.key) : actions[event.key.toLowerCase()];
    // Enter on a focused element activates it.
    const isEnter = event.key === "Enter" && event.target === document.body;
    if (!action && !isEnter) return;
    event.preventDefault();
    if (isEnter) form.requestSubmit();
    else action();
  });
})();
