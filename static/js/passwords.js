// Says that a repeated password differs before the form is sent. Passwords are never sent back, so
// after that both would have to be typed again.

const first = document.querySelector('input[name="password"], input[name="password1"]');
const again = document.querySelector('input[name="again"], input[name="password2"]');

if (first && again) {
  const message = document.createElement("p");
  message.id = "passwords-differ";
  message.className = "invalid-feedback";
  message.setAttribute("role", "alert");
  again.after(message);
  again.form.addEventListener("submit", (event) => {
    const differs = again.value !== "" && first.value !== again.value;
    message.textContent = differs ? "The two passwords differ. Correct one of them." : "";
    if (!differs) return;
    event.preventDefault();
    again.setAttribute("aria-invalid", "true");
    again.setAttribute("aria-describedby", message.id);
    again.focus();
  });
}
