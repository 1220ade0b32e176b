// Sets the focal point on the photo by mouse or finger, and previews the cropped square.
// The sliders hold the value and work by keyboard, also without this script.

const PREVIEW_SIZE = 720; // pixels, longer side of the preview of a chosen file

const clamp = (value) => Math.min(1, Math.max(0, value));

// Same crop as apps/core/images.py: the largest square around the focal point.
const cropSquare = (width, height, x, y) => {
  const side = Math.min(width, height);
  const offset = (length, center) => Math.min(length - side, Math.max(0, Math.round(length * center - side / 2)));
  return [offset(width, x), offset(height, y), side, side];
};

const setUp = (root) => {
  const [sliderX, sliderY] = root.querySelectorAll("input[type=range]");
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
    marker.style.left = `${sliderX.value}%`;
    marker.style.top = `${sliderY.value}%`;
    if (!picture) return;
    const width = picture.naturalWidth ?? picture.width;
    const height = picture.naturalHeight ?? picture.height;
    const crop = cropSquare(width, height, sliderX.value / 100, sliderY.value / 100);
    square.getContext("2d").drawImage(picture, ...crop, 0, 0, square.width, square.height);
  };

  const showPicture = (newPicture) => {
    picture = newPicture;
    if (current) current.hidden = newPicture !== current;
    chosen.hidden = newPicture !== chosen;
    views.hidden = marker.hidden = result.hidden = !newPicture;
    draw();
  };

  const showCurrent = () => showPicture(current?.complete && current.naturalWidth ? current : null);

  const markRemoved = () => root.classList.toggle("photo-removed", Boolean(remove?.checked));

  const preview = async () => {
    note.textContent = "";
    const chosenFile = file.files[0];
    if (!chosenFile) return showCurrent();
    if (remove) remove.checked = false;
    markRemoved();
    sliderX.value = sliderY.value = 50;
    try {
      const bitmap = await createImageBitmap(chosenFile);
      if (file.files[0] !== chosenFile) return;
      const scale = Math.min(1, PREVIEW_SIZE / Math.max(bitmap.width, bitmap.height));
      chosen.width = Math.max(1, Math.round(bitmap.width * scale));
      chosen.height = Math.max(1, Math.round(bitmap.height * scale));
      const context = chosen.getContext("2d");
      context.fillStyle = "white";
      context.fillRect(0, 0, chosen.width, chosen.height);
      context.drawImage(bitmap, 0, 0, chosen.width, chosen.height);
      bitmap.close();
      showPicture(chosen);
      note.textContent = root.dataset.storedOnSave;
    } catch {
      showPicture(null);
      note.textContent = root.dataset.notShown;
    }
  };

  const moveTo = (event) => {
    const box = stage.getBoundingClientRect();
    sliderX.value = Math.round(clamp((event.clientX - box.left) / box.width) * 100);
    sliderY.value = Math.round(clamp((event.clientY - box.top) / box.height) * 100);
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
  sliderX.addEventListener("input", draw);
  sliderY.addEventListener("input", draw);
  file?.addEventListener("change", preview);
  remove?.addEventListener("change", markRemoved);
  current?.addEventListener("load", () => picture || file?.files.length || showCurrent());
  // After going back the browser may still hold the chosen file.
  if (file?.files.length) preview();
  else showCurrent();
};

for (const root of document.querySelectorAll("[data-photo-focus]")) setUp(root);
