// Accessible names that Django's admin lacks, and focus for scrolling areas (WCAG 4.1.2, 2.1.1).
const addNames = () => {
  for (const header of document.querySelectorAll("th.original:empty")) {
    header.innerHTML = '<span class="visually-hidden">Row</span>';
  }
  for (const combobox of document.querySelectorAll(".select2-selection:not([aria-label])")) {
    const select = combobox.closest(".select2-container")?.previousElementSibling;
    const label = select?.getAttribute("aria-label") || select?.labels?.[0]?.textContent.replace(/:\s*$/, "");
    if (!label) continue;
    for (const part of [combobox, combobox.querySelector(".select2-selection__rendered")]) {
      part?.removeAttribute("aria-labelledby"); // it points to the value, which may be empty
      part?.setAttribute("aria-label", label);
    }
  }
  for (const group of document.querySelectorAll(".inline-group, .results")) {
    if (group.scrollWidth > group.clientWidth) {
      group.tabIndex = 0;
      group.setAttribute("role", "region");
      group.setAttribute("aria-label", group.querySelector("h2")?.textContent.trim() || "List");
    }
  }
};
// Widths are known once all styles and fonts are loaded, and change with the window.
window.addEventListener("load", addNames);
window.addEventListener("resize", addNames);
document.addEventListener("DOMContentLoaded", () => {
  addNames();
  // select2 inserts its boxes later, and rows can be added.
  new MutationObserver((changes) => {
    if (changes.some((change) => change.addedNodes.length)) addNames();
  }).observe(document.getElementById("content") || document.body, { childList: true, subtree: true });
});
