/*
 * Pictures that take the server a second or more, such as those of volumes, are asked for one
 * after the other, and again when the server is busy with somebody else's. Where a picture cannot
 * be had, words stand in its place; the item's own page says what is wrong with its file.
 *
 * <ul class="thumbnails" data-failed="words"> … <img src="address"> or <img data-later="address">
 */

const triesOfOne = 10;
const pauseMilliseconds = 2000;

const list = document.querySelector(".thumbnails");

for (const image of list?.querySelectorAll("img[src]") ?? []) {
  image.addEventListener("error", () => giveUp(image));
  // It may have failed before this script ran
  if (image.complete && image.naturalWidth === 0) giveUp(image);
}
showAll([...(list?.querySelectorAll("img[data-later]") ?? [])]);

async function showAll(images) {
  for (const image of images) await show(image, triesOfOne);
}

async function show(image, tries) {
  try {
    const answer = await fetch(image.dataset.later);
    if (answer.status === 503 && tries > 1) {
      await pause();
      await show(image, tries - 1);
    } else if (answer.ok) {
      image.src = image.dataset.later;
      await image.decode();
    } else {
      giveUp(image);
    }
  } catch {
    giveUp(image);
  }
}

function giveUp(image) {
  const words = document.createElement("span");
  words.className = "muted";
  words.textContent = list.dataset.failed;
  image.replaceWith(words);
}

function pause() {
  return new Promise((resolve) => setTimeout(resolve, pauseMilliseconds));
}
