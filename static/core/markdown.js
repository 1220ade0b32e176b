// Preview of a Markdown field, rendered by the server with the same code as the public page.
const preview = async (field) => {
  const textarea = field.querySelector("textarea");
  const panel = field.querySelector(".markdown-preview");
  const token = document.querySelector("[name=csrfmiddlewaretoken]");
  // The pictures of a stored row's edition, or of the one chosen for a new row.
  const form = textarea.form;
  const edition = form.querySelector("[data-edition]")?.dataset.edition ?? form.elements.edition?.value ?? "";
  const body = new URLSearchParams({ text: textarea.value, edition });
  try {
    const response = await fetch(field.dataset.markdownPreview, {
      method: "POST",
      headers: { "X-CSRFToken": token.value },
      body,
    });
    if (!response.ok) throw new Error(response.status);
    panel.innerHTML = await response.text();
    if (!panel.textContent.trim()) panel.textContent = "Nothing to show yet.";
  } catch {
    panel.textContent = "The preview could not be fetched. Your text is safe; try again in a moment.";
  }
};

document.addEventListener("click", (event) => {
  const button = event.target.closest(".markdown-show");
  if (!button) return;
  const field = button.closest(".markdown-field");
  const panel = field.querySelector(".markdown-preview");
  panel.hidden = !panel.hidden;
  button.setAttribute("aria-expanded", String(!panel.hidden));
  button.textContent = panel.hidden ? "Preview" : "Hide preview";
  if (!panel.hidden) preview(field);
});

let timer;
document.addEventListener("input", (event) => {
  const field = event.target.closest(".markdown-field");
  if (!field || field.querySelector(".markdown-preview").hidden) return;
  clearTimeout(timer);
  timer = setTimeout(() => preview(field), 300);
});

const showButtons = (root) => {
  for (const tools of root.querySelectorAll(".markdown-tools")) tools.hidden = false;
};
document.addEventListener("DOMContentLoaded", () => showButtons(document));
document.addEventListener("formset:added", (event) => showButtons(event.target));
