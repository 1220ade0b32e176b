// Says that a repeated password differs before the form is sent. Passwords are never sent back, so
// after that both would have to be typed again.

const first = document.querySelector('input[name="password"], input[name="password1"]');
const again = document.querySelector('input[name="again"], input[name="password2"]');

if (first && again) {
  const message = document.createElement("p");
  message.id = "passwords-differ";
  message.className = "invalid-feedback";
  message.setAttribute("role", "alert");
  again.before(message);
  again.form.addEventListener("submit", (event) => {
    if (again.value && first.value !== again.value) {
      event.preventDefault();
      show("The two passwords differ. Correct one of them.");
      again.focus();
    }
  });
  for (const field of [first, again]) {
    field.addEventListener("input", () => {
      if (message.textContent && first.value === again.value) show("");
    });
  }

  function show(text) {
    const words = document.createElement("strong");
    words.textContent = text;
    message.replaceChildren(...(text ? [words] : []));
    again.classList.toggle("is-invalid", Boolean(text));
    again.setAttribute("aria-invalid", String(Boolean(text)));
    if (text) again.setAttribute("aria-describedby", message.id);
    else again.removeAttribute("aria-describedby");
  }
}
