// Keyboard shortcuts on the review page, which works as a plain form without them.
// They can be switched off, and are ignored in text fields (WCAG 2.2, 2.1.4).
(() => {
  const form = document.querySelector("form[data-review]");
  if (!form) return;
  const panel = form.querySelector("[data-keys]");
  const toggle = panel.querySelector("input");
  const remark = form.querySelector("textarea");
  const KEPT = "review-keys";

  const kept = () => {
    try {
      return localStorage.getItem(KEPT) !== "off";
    } catch {
      return true; // storage is forbidden: on by default, the checkbox applies to this page
    }
  };
  const show = () => {
    for (const key of form.querySelectorAll("kbd")) key.hidden = !toggle.checked;
  };
  toggle.checked = kept();
  panel.hidden = false;
  show();
  toggle.addEventListener("change", () => {
    show();
    try {
      localStorage.setItem(KEPT, toggle.checked ? "on" : "off");
    } catch {
      // Storage is forbidden.
    }
  });

  const isWriting = (element) => element.matches("textarea, select, input:not([type=radio])") || element.isContentEditable;
  const choose = (value) => {
    const radio = form.querySelector(`input[name=verdict][value="${value}"]`);
    radio.checked = true;
    radio.focus();
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const deeds = {
    c: () => choose(0),
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
    if (isWriting(event.target)) return;
    const deed = /^[0-5]$/.test(event.key) ? () => choose(event.key) : deeds[event.key.toLowerCase()];
    // Enter on a focused element activates it.
    const isEnter = event.key === "Enter" && event.target === document.body;
    if (!deed && !isEnter) return;
    event.preventDefault();
    if (isEnter) form.requestSubmit();
    else deed();
  });
})();
