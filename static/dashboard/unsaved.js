// Asks before leaving a page with unsaved changes: the edition's buttons (publish, archive, next
// year's) are separate forms and would lose them.
let isChanged = false;
const changeForm = (element) => element.closest("#content-main form[id$=_form]");
for (const kind of ["input", "change"]) {
  document.addEventListener(kind, (event) => {
    if (changeForm(event.target)) isChanged = true;
  });
}
document.addEventListener("submit", (event) => {
  if (changeForm(event.target)) isChanged = false;
});
window.addEventListener("beforeunload", (event) => {
  if (isChanged) event.preventDefault();
});
