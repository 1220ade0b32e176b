// Shows the edition's colour on its admin page, also while a new one is typed.
const hue = document.getElementById("id_hue");
const wear = () => {
  const angle = hue.valueAsNumber;
  if (angle >= 0 && angle <= 355) document.documentElement.style.setProperty("--hue", angle);
};
hue?.addEventListener("input", wear);
if (hue) wear();
