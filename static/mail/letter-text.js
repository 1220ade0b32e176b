// The words of a letter: placeholders put in by a press, and a preview that follows what is typed.
// The server writes the preview, as it writes the letters; without scripts a button asks for it.
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
    // It shows what was typed before; the button asks again.
  }
};
let waiting;
const later = () => {
  clearTimeout(waiting);
  waiting = setTimeout(preview, 400);
};
form.addEventListener("input", later);
form.addEventListener("change", later);
