import assert from "node:assert/strict";
import test from "node:test";

import { fetchOrder, imageUnit, maskUnit, sliceOrder } from "../../../static/js/rating/pixel_order.js";

const plane = (rows, columns, slices, url) => ({ rows, columns, slices, first_slice: Math.floor(slices / 2), url });
const radiograph = (name, mask = true, channels = 1) => ({
  token: name,
  image: { kind: "radiograph", channels, dtype: "uint8", planes: { image: plane(320, 640, 1, `${name}/image`) } },
  mask: mask ? { planes: { image: { url: `${name}/mask` } } } : null,
});
const volume = (name, mask = false, [high, deep, wide] = [400, 512, 300]) => ({
  token: name,
  image: {
    kind: "volume",
    channels: 1,
    dtype: "int16",
    planes: {
      axial: plane(deep, wide, high, `${name}/axial/{slice}`),
      coronal: plane(high, wide, deep, `${name}/coronal/{slice}`),
      sagittal: plane(high, deep, wide, `${name}/sagittal/{slice}`),
    },
  },
  mask: mask
    ? { planes: Object.fromEntries(["axial", "coronal", "sagittal"].map((one) => [one, { url: `${name}/mask/${one}/{slice}` }])) }
    : null,
});
const flat = { plane: "image", slices: { image: 0 }, direction: 0, isMaskShown: false };
const viewOf = (changes = {}) => ({
  plane: "axial",
  slices: { axial: 150, coronal: 256, sagittal: 150 },
  direction: 0,
  isMaskShown: false,
  ...changes,
});
const addresses = (...parts) => Array.from(fetchOrder(...parts), ({ address }) => address);

test("slices are taken from here outwards, each once", () => {
  assert.deepEqual([...sliceOrder(2, 5)], [2, 3, 1, 4, 0]);
  assert.deepEqual([...sliceOrder(4, 5)], [4, 3, 2, 1, 0]);
  assert.deepEqual([...sliceOrder(0, 3)], [0, 1, 2]);
  for (const direction of [-1, 0, 1]) {
    const all = [...sliceOrder(137, 400, direction)].sort((one, two) => one - two);
    assert.deepEqual(all, [...Array(400).keys()]);
  }
});

test("while scrolling more is fetched ahead than behind", () => {
  assert.deepEqual([...sliceOrder(5, 11, 1)], [5, 6, 7, 8, 4, 9, 10, 3, 2, 1, 0]);
  assert.deepEqual([...sliceOrder(5, 11, -1)], [5, 4, 3, 2, 6, 1, 0, 7, 8, 9, 10]);
});

test("the current image comes first, then the next ones in their order", () => {
  const order = addresses([radiograph("a"), radiograph("b", false), radiograph("c")], flat);
  assert.deepEqual(order, ["a/image", "a/mask", "b/image", "c/image", "c/mask"]);
});

test("of a volume the plane looked at comes first, then the others, then its neighbours ahead", () => {
  const order = addresses([volume("v")], viewOf({ plane: "coronal", direction: 1 }));
  assert.deepEqual(order.slice(0, 5), ["v/coronal/256", "v/axial/150", "v/sagittal/150", "v/coronal/257", "v/coronal/258"]);
  const near = order.slice(0, 24).filter((address) => address.startsWith("v/coronal"));
  const slices = near.map((address) => Number(address.split("/")[2]));
  assert.equal(slices.filter((slice) => slice > 256).length, 3 * slices.filter((slice) => slice < 256).length);
});

test("first views of what comes next go before the rest of the current volume", () => {
  const order = addresses([volume("v"), radiograph("a"), volume("w")], viewOf());
  for (const first of ["a/image", "w/axial/200", "w/coronal/256", "w/sagittal/150"]) {
    assert.ok(order.indexOf(first) < order.indexOf("v/axial/0"), first);
  }
  assert.ok(order.indexOf("v/axial/399") < order.indexOf("v/coronal/0"));
  assert.ok(order.indexOf("v/axial/399") < order.indexOf("w/axial/0"));
  assert.equal(new Set(order).size, order.length);
  assert.equal(order.length, 2 * (400 + 512 + 300) + 2);
});

test("masks come with every slice only while they are shown", () => {
  const hidden = addresses([volume("v", true)], viewOf());
  const shown = addresses([volume("v", true)], viewOf({ isMaskShown: true }));
  assert.ok(hidden.indexOf("v/mask/axial/150") < hidden.indexOf("v/axial/151"));
  assert.ok(hidden.indexOf("v/mask/axial/151") > hidden.indexOf("v/axial/155"));
  assert.equal(shown.indexOf("v/mask/axial/151"), shown.indexOf("v/axial/151") + 1);
});

test("sizes are those of the bytes that come", () => {
  assert.equal(imageUnit(volume("v"), "axial", 3).bytes, 512 * 300 * 2);
  assert.equal(imageUnit(volume("v"), "sagittal", 3).bytes, 400 * 512 * 2);
  assert.deepEqual(imageUnit(radiograph("a", true, 3), "image", 0), { address: "a/image", dtype: "uint8", bytes: 640 * 320 * 3 });
  assert.deepEqual(maskUnit(volume("v", true), "coronal", 7), { address: "v/mask/coronal/7", dtype: "uint8", bytes: 400 * 300 });
  assert.equal(maskUnit(volume("v"), "coronal", 7), null);
});
