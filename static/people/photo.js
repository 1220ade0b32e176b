// Sets the focal point on the photo by mouse or finger, and previews the cropped square.
// The sliders hold the value and work by keyboard, also without this script.

const SHOWN = 720; // pixels, longer side of the preview of a chosen file

const clamp = (value) => Math.min(1, Math.max(0, value));

// Same crop as apps/core/images.py: the largest square around the focal point.
const squareAround = (width, height, across, down) => {
  const side = Math.min(width, height);
  const start = (length, at) => Math.min(length - side, Math.max(0, Math.round(length * at - side / 2)));
  return [start(width, across), start(height, down), side, side];
};

const start = (root) => {
  const [across, down] = root.querySelectorAll("input[type=range]");
  const views = root.querySelector(".photo-views");
  const stage = root.querySelector(".photo-stage");
  const marker = root.querySelector(".photo-marker");
  const result = root.querySelector(".photo-result");
  const square = root.querySelector(".photo-square");
  const note = root.querySelector(".photo-note");
  const current = root.querySelector("img.photo-picture");
  const chosen = root.querySelector("canvas.photo-picture");
  const file = document.getElementById(root.dataset.fileInput);
  const remove = file?.form.elements[`${file.name}-clear`];
  let picture = null;

  const draw = () => {
    marker.style.left = `${across.value}%`;
    marker.style.top = `${down.value}%`;
    if (!picture) return;
    const width = picture.naturalWidth ?? picture.width;
    const height = picture.naturalHeight ?? picture.height;
    const cut = squareAround(width, height, across.value / 100, down.value / 100);
    square.getContext("2d").drawImage(picture, ...cut, 0, 0, square.width, square.height);
  };

  const show = (what) => {
    picture = what;
    if (current) current.hidden = what !== current;
    chosen.hidden = what !== chosen;
    views.hidden = marker.hidden = result.hidden = !what;
    draw();
  };

  const showCurrent = () => show(current?.complete && current.naturalWidth ? current : null);

  const fade = () => root.classList.toggle("photo-leaving", Boolean(remove?.checked));

  const preview = async () => {
    note.textContent = "";
    const given = file.files[0];
    if (!given) return showCurrent();
    if (remove) remove.checked = false;
    fade();
    across.value = down.value = 50;
    try {
      const whole = await createImageBitmap(given);
      if (file.files[0] !== given) return;
      const scale = Math.min(1, SHOWN / Math.max(whole.width, whole.height));
      chosen.width = Math.max(1, Math.round(whole.width * scale));
      chosen.height = Math.max(1, Math.round(whole.height * scale));
      const pen = chosen.getContext("2d");
      pen.fillStyle = "white";
      pen.fillRect(0, 0, chosen.width, chosen.height);
      pen.drawImage(whole, 0, 0, chosen.width, chosen.height);
      whole.close();
      show(chosen);
      note.textContent = "This photo is stored when you save.";
    } catch {
      show(null);
      note.textContent = "This browser cannot show the file. Whether it is a photo is told when you save.";
    }
  };

  const moveTo = (event) => {
    const box = stage.getBoundingClientRect();
    across.value = Math.round(clamp((event.clientX - box.left) / box.width) * 100);
    down.value = Math.round(clamp((event.clientY - box.top) / box.height) * 100);
    draw();
  };

  stage.addEventListener("pointerdown", (event) => {
    if (!picture || event.button) return;
    event.preventDefault();
    stage.setPointerCapture(event.pointerId);
    moveTo(event);
  });
  stage.addEventListener("pointermove", (event) => {
    if (stage.hasPointerCapture(event.pointerId)) moveTo(event);
  });
  across.addEventListener("input", draw);
  down.addEventListener("input", draw);
  file?.addEventListener("change", preview);
  remove?.addEventListener("change", fade);
  current?.addEventListener("load", () => picture || file?.files.length || showCurrent());
  // After going back the browser may still hold the chosen file.
  if (file?.files.length) preview();
  else showCurrent();
};

for (const root of document.querySelectorAll("[data-photo-focus]")) start(root);
