// Buttons that move a row up or down, as an alternative to dragging (WCAG 2.2, 2.5.7).
// The number fields are django-admin-ordering's; without scripts the numbers can be typed.
const live = document.createElement("p");
live.className = "visually-hidden";
live.setAttribute("role", "status");

const rowsBeside = (row) =>
  [...row.parentElement.children].filter(
    (other) => other.querySelector("td.field-ordering input") && !other.classList.contains("empty-form"),
  );

const nameOf = (row) => {
  const words = row.querySelector("td.original p, input[type=text], select, th");
  return (words?.value || words?.textContent || "The row").trim().split("\n")[0];
};

const addButtons = (root) => {
  for (const cell of root.querySelectorAll("td.field-ordering")) {
    if (!cell.querySelector("input") || cell.querySelector(".order-buttons")) continue;
    const box = document.createElement("span");
    box.className = "order-buttons";
    for (const [step, sign, words] of [[-1, "↑", "Move up"], [1, "↓", "Move down"]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "order-button";
      button.dataset.step = step;
      button.textContent = sign;
      button.setAttribute("aria-label", words);
      button.title = words;
      box.append(button);
    }
    cell.append(box);
  }
};

document.addEventListener("click", (event) => {
  const button = event.target.closest(".order-button");
  if (!button) return;
  const row = button.closest("tr");
  const rows = rowsBeside(row);
  const to = rows.indexOf(row) + Number(button.dataset.step);
  if (to < 0 || to >= rows.length) {
    live.textContent = to < 0 ? "Already the first." : "Already the last.";
    return;
  }
  if (Number(button.dataset.step) < 0) rows[to].before(row);
  else rows[to].after(row);
  rowsBeside(row).forEach((other, index) => {
    const input = other.querySelector("td.field-ordering input");
    input.value = 10 * (index + 1);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  button.focus();
  live.textContent = `${nameOf(row)}: moved to place ${to + 1} of ${rows.length}. Save to keep it.`;
});

document.addEventListener("DOMContentLoaded", () => {
  document.body.append(live);
  addButtons(document);
});
document.addEventListener("formset:added", (event) => {
  for (const old of event.target.querySelectorAll(".order-buttons")) old.remove();
  addButtons(event.target.parentElement);
});
