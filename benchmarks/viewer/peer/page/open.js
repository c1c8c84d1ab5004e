/* Opens the volume of `?file=` with NiiVue as its documentation does, and says when it is painted. */

const { Niivue, SHOW_RENDER, SLICE_TYPE } = globalThis.niivue;

const canvas = document.querySelector("canvas");
// Three planes, as ours; its fourth picture, in three dimensions, would take longest in software
const viewer = new Niivue({ logLevel: "error", multiplanarShowRender: SHOW_RENDER.NEVER });
await viewer.attachToCanvas(canvas);
viewer.setSliceType(SLICE_TYPE.MULTIPLANAR);
await viewer.loadVolumes([{ url: new URLSearchParams(location.search).get("file") }]);
const loaded = performance.now();
requestAnimationFrame(() => {
  viewer.drawScene();
  // Without this the work may still wait in a queue
  viewer.gl.finish();
  const copy = document.createElement("canvas").getContext("2d");
  copy.drawImage(canvas, 0, 0, 32, 32);
  const isBlack = copy.getImageData(0, 0, 32, 32).data.every((value, place) => place % 4 === 3 || !value);
  requestAnimationFrame(() => {
    globalThis.peerDone = { loaded, framed: performance.now(), isBlack };
  });
});
