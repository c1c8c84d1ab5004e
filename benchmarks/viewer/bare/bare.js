/*
 * The least that any page must do to show another image: Enter puts the other of two images that
 * are in memory into a picture (putImageData), draws it on the canvas (drawImage), and tells in the
 * next animation frame that it is painted. `?rows=&columns=&width=&height=&scale=`.
 *
 * `emptyLoop(ms)` counts the animation frames of a loop that only fills the canvas with black.
 */

const asked = new URLSearchParams(location.search);
const [rows, columns, width, height, scale] = ["rows", "columns", "width", "height", "scale"].map(
  (name) => Number(asked.get(name)),
);
const mark = globalThis.viewerProbeConfig?.mark;
const canvas = document.querySelector("canvas");
canvas.width = width;
canvas.height = height;
const context = canvas.getContext("2d", { alpha: false });
const picture = document.createElement("canvas");
picture.width = columns;
picture.height = rows;
const pictureContext = picture.getContext("2d");
const data = pictureContext.createImageData(columns, rows);
const words = new Uint32Array(data.data.buffer);
const table = Uint32Array.from({ length: 256 }, (_, grey) => 0xff000000 + grey * 0x010101);
const images = [1, 2].map(markedImage);
let shown = 1;

function markedImage(number) {
  const pixels = Uint8Array.from({ length: rows * columns }, () => Math.floor(100 * Math.random()));
  const fill = (top, left, bottom, right, value) => {
    for (let row = top; row < bottom; row += 1) pixels.fill(value, row * columns + left, row * columns + right);
  };
  fill(0, 0, 2, columns, 255);
  fill(rows - 2, 0, rows, columns, 255);
  fill(0, 0, rows, 2, 255);
  fill(0, columns - 2, rows, columns, 255);
  const bits = Array.from({ length: mark.blocks - 5 }, (_, place) => (number >> (mark.blocks - 6 - place)) & 1);
  const all = [1, 0, ...bits, bits.reduce((sum, bit) => sum + bit, 0) % 2, 0, 1];
  all.forEach((bit, place) => {
    const left = mark.start + mark.block * place;
    fill(mark.start, left, mark.start + mark.block, left + mark.block, bit ? 255 : 0);
  });
  return pixels;
}

function show() {
  const pixels = images[shown];
  for (let index = 0; index < words.length; index += 1) words[index] = table[pixels[index]];
  pictureContext.putImageData(data, 0, 0);
  context.imageSmoothingEnabled = false;
  context.fillRect(0, 0, width, height);
  const left = Math.floor((width - columns * scale) / 2);
  const top = Math.floor((height - rows * scale) / 2);
  context.drawImage(picture, left, top, columns * scale, rows * scale);
  requestAnimationFrame(() => canvas.dispatchEvent(new CustomEvent("qa-painted")));
}

globalThis.emptyLoop = (milliseconds) =>
  new Promise((resolve) => {
    const times = [];
    const frame = (time) => {
      times.push(time);
      context.fillRect(0, 0, width, height);
      if (time - times[0] < milliseconds) requestAnimationFrame(frame);
      else resolve(times);
    };
    requestAnimationFrame(frame);
  });

document.addEventListener("keydown", (event) => {
  if (event.code !== "Enter") return;
  shown = 1 - shown;
  show();
});
show();
