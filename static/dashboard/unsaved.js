// Forms of the admin. Asks before leaving a page with unsaved changes: the edition's buttons (publish, archive, next
// year's) are separate forms and would lose them.
let isChanged = false;
const changeForm = (element) => element.closest("#content-main form[id$=_form]");
for (const kind of ["input", "change"]) {
  document.addEventListener(kind, (event) => {
    if (changeForm(event.target)) isChanged = true;
  });
}
document.addEventListener("submit", (event) => {
  if (!changeForm(event.target)) return;
  isChanged = false;
  // A link to a field (#id_venue) would scroll to it again and hide the message at the top.
  if (location.hash) history.replaceState(history.state, "", location.pathname + location.search);
});
window.addEventListener("beforeunload", (event) => {
  if (isChanged) event.preventDefault();
});
