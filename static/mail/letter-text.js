// Editor of a letter text: buttons that insert placeholders, and a live preview.
// The server renders the preview; without scripts a button requests it.
const form = document.querySelector("form[data-letter-form]");
let last = form.elements.body;
form.addEventListener("focusin", (event) => {
  if (event.target.matches("[name=subject], [name=body]")) last = event.target;
});
for (const button of form.querySelectorAll("[data-insert]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    last.setRangeText(button.dataset.insert, last.selectionStart, last.selectionEnd, "end");
    last.focus();
    last.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

let asked = 0;
const preview = async () => {
  const mine = ++asked;
  const body = new FormData(form);
  body.append("preview", "1");
  try {
    const answer = await fetch(form.action, { method: "POST", body });
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("letter-preview");
    const shown = document.getElementById("letter-preview");
    if (mine !== asked || !fresh) return;
    fresh.querySelector("details").open = shown.querySelector("details").open;
    shown.replaceWith(fresh);
  } catch {
    // The preview is outdated; the button requests a new one.
  }
};
let waiting;
const later = () => {
  clearTimeout(waiting);
  waiting = setTimeout(preview, 400);
};
form.addEventListener("input", later);
form.addEventListener("change", later);
