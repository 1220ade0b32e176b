// Shows errors that the passkey library only logs to the console, and the sign-in options that
// need scripts.

const problem = document.getElementById("passkey-problem");
const section = document.getElementById("with-passkey");

function errorMessage(name) {
  switch (name) {
    case "NotAllowedError":
      return "No passkey was used: it was cancelled, or it took too long. Try again.";
    case "InvalidStateError":
      return "This device has a passkey for your account already.";
    case "SecurityError":
      return "Passkeys work at the site’s own address only. Open it by its name, not by a number.";
    default:
      return "The passkey could not be used. Try again, or choose another way.";
  }
}

if (window.PublicKeyCredential) {
  if (section) section.hidden = false;
} else if (problem && !section) {
  problem.textContent = "This browser knows no passkeys. Choose another way.";
  problem.hidden = false;
}

document.addEventListener("allauth.error", (event) => {
  if (!problem) return;
  event.preventDefault();
  problem.textContent = errorMessage(event.detail.exception.name);
  problem.hidden = false;
});
