/*
 * Pictures that take the server a second or more, such as those of volumes, are asked for one
 * after the other, and again when the server is busy with somebody else's:
 *
 * <img data-later="address">
 */

const triesOfOne = 10;
const pauseMilliseconds = 2000;

showAll([...document.querySelectorAll("img[data-later]")]);

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
    }
  } catch {
    // The place stays empty; the item's own page says what is wrong with its file
  }
}

function pause() {
  return new Promise((resolve) => setTimeout(resolve, pauseMilliseconds));
}
