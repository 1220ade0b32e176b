// Asks before a page is left whose form was changed and not saved: the edition's own buttons
// (publish, archive, next year's) are forms beside it, and would lose what was typed.
let isChanged = false;
const editing = (element) => element.closest("#content-main form[id$=_form]");
for (const kind of ["input", "change"]) {
  document.addEventListener(kind, (event) => {
    if (editing(event.target)) isChanged = true;
  });
}
document.addEventListener("submit", (event) => {
  if (editing(event.target)) isChanged = false;
});
window.addEventListener("beforeunload", (event) => {
  if (isChanged) event.preventDefault();
});
