// Shows the edition's colour on its admin page, also while a new one is typed.
const field = document.getElementById("id_hue");
const applyHue = () => {
  const value = field.valueAsNumber;
  if (value >= 0 && value <= 355) document.documentElement.style.setProperty("--hue", value);
};
field?.addEventListener("input", applyHue);
if (field) applyHue();
