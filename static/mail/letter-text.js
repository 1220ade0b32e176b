// Editor of a letter text: buttons that insert placeholders, and a live preview.
// The server renders the preview; without scripts a button requests it.
const form = document.querySelector("form[data-letter-form]");
let lastField = form.elements.body;
form.addEventListener("focusin", (event) => {
  if (event.target.matches("[name=subject], [name=body]")) lastField = event.target;
});
for (const button of form.querySelectorAll("[data-insert]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    lastField.setRangeText(button.dataset.insert, lastField.selectionStart, lastField.selectionEnd, "end");
    lastField.focus();
    lastField.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

let lastRequest = 0;
const preview = async () => {
  const request = ++lastRequest;
  const body = new FormData(form);
  body.append("preview", "1");
  try {
    const response = await fetch(form.action, { method: "POST", body });
    if (!response.ok) throw new Error(response.status);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const newPreview = page.getElementById("letter-preview");
    const oldPreview = document.getElementById("letter-preview");
    if (request !== lastRequest || !newPreview) return;
    newPreview.querySelector("details").open = oldPreview.querySelector("details").open;
    oldPreview.replaceWith(newPreview);
  } catch {
    // The preview is outdated; the button requests a new one.
  }
};
let timer;
const schedulePreview = () => {
  clearTimeout(timer);
  timer = setTimeout(preview, 400);
};
form.addEventListener("input", schedulePreview);
form.addEventListener("change", schedulePreview);
