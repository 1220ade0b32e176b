// Buttons that move a row up or down, as an alternative to dragging (WCAG 2.2, 2.5.7).
// The number fields are django-admin-ordering's; without scripts the numbers can be typed.
const liveRegion = document.createElement("p");
liveRegion.className = "visually-hidden";
liveRegion.setAttribute("role", "status");

const rowsOfTable = (row) =>
  [...row.parentElement.children].filter(
    (other) => other.querySelector("td.field-ordering input") && !other.classList.contains("empty-form"),
  );

const nameOf = (row) => {
  const source = row.querySelector("td.original p, input[type=text], select, th");
  return (source?.value || source?.textContent || "The row").trim().split("\n")[0];
};

const addButtons = (root) => {
  for (const cell of root.querySelectorAll("td.field-ordering")) {
    if (!cell.querySelector("input") || cell.querySelector(".order-buttons")) continue;
    const buttons = document.createElement("span");
    buttons.className = "order-buttons";
    for (const [step, arrow, label] of [[-1, "↑", "Move up"], [1, "↓", "Move down"]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "order-button";
      button.dataset.step = step;
      button.textContent = arrow;
      button.setAttribute("aria-label", label);
      button.title = label;
      buttons.append(button);
    }
    cell.append(buttons);
  }
};

document.addEventListener("click", (event) => {
  const button = event.target.closest(".order-button");
  if (!button) return;
  const row = button.closest("tr");
  const rows = rowsOfTable(row);
  const target = rows.indexOf(row) + Number(button.dataset.step);
  if (target < 0 || target >= rows.length) {
    liveRegion.textContent = target < 0 ? "Already the first." : "Already the last.";
    return;
  }
  if (Number(button.dataset.step) < 0) rows[target].before(row);
  else rows[target].after(row);
  rowsOfTable(row).forEach((other, index) => {
    const input = other.querySelector("td.field-ordering input");
    input.value = 10 * (index + 1);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  button.focus();
  liveRegion.textContent = `${nameOf(row)}: moved to place ${target + 1} of ${rows.length}. Save to keep it.`;
});

document.addEventListener("DOMContentLoaded", () => {
  document.body.append(liveRegion);
  addButtons(document);
});
document.addEventListener("formset:added", (event) => {
  for (const old of event.target.querySelectorAll(".order-buttons")) old.remove();
  addButtons(event.target.parentElement);
});
