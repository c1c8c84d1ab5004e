/*
 * The picture of an item: its mask's outline on and off, a busy server asked again, and the reason
 * when no picture can be drawn.
 *
 * <img data-preview="address" data-plain="address" data-failed="text">
 */

const triesOfOne = 10;
const pauseMilliseconds = 2000;
const image = document.querySelector("img[data-preview]");
const outline = document.getElementById("show-outline");

if (image) {
  image.addEventListener("error", () => explain(triesOfOne));
  // It may have failed before this script ran
  if (image.complete && image.naturalWidth === 0) explain(triesOfOne);
}
if (outline) {
  outline.addEventListener("change", () => {
    image.src = outline.checked ? image.dataset.preview : image.dataset.plain;
  });
}

async function explain(tries) {
  const address = image.src;
  try {
    const answer = await fetch(address, { cache: "reload" });
    if (answer.ok) {
      image.src = URL.createObjectURL(await answer.blob());
    } else if (answer.status === 503 && tries > 1) {
      setTimeout(() => explain(tries - 1), pauseMilliseconds);
    } else {
      tell(await answer.text());
    }
  } catch {
    tell("");
  }
}

function tell(reason) {
  const place = document.getElementById("preview-failed");
  place.textContent = `${image.dataset.failed} ${reason}`;
  place.hidden = false;
  image.closest("figure").hidden = true;
}
