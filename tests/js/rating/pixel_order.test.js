import assert from "node:assert/strict";
import test from "node:test";

import { centreOut, fetchOrder } from "../../../static/js/rating/pixel_order.js";

const radiograph = (name, mask = true) => ({
  token: name,
  image: { kind: "radiograph", rows: 320, columns: 640, channels: 1, dtype: "uint8", slices: 1, first_slice: 0, url: `${name}/image` },
  mask: mask ? { url: `${name}/mask` } : null,
});
const volume = (name, slices = 400) => ({
  token: name,
  image: { kind: "volume", rows: 512, columns: 512, channels: 1, dtype: "int16", slices, first_slice: slices / 2, slice_url: `${name}/{slice}` },
  mask: null,
});
const addresses = (units) => units.map(({ address }) => address);

test("slices are taken from the middle outwards, each once", () => {
  assert.deepEqual(centreOut(2, 5), [2, 3, 1, 4, 0]);
  assert.deepEqual(centreOut(4, 5), [4, 3, 2, 1, 0]);
  assert.deepEqual(centreOut(0, 3), [0, 1, 2]);
  assert.deepEqual(centreOut(200, 400, 1), [200, 201, 199]);
  assert.deepEqual([...centreOut(137, 400)].sort((a, b) => a - b), [...Array(400).keys()]);
});

test("the current image comes first, then the next ones in their order", () => {
  const order = addresses(fetchOrder([radiograph("a"), radiograph("b", false), radiograph("c")], 0));
  assert.deepEqual(order, ["a/image", "a/mask", "b/image", "c/image", "c/mask"]);
});

test("first views of what comes next go before the rest of the current volume", () => {
  const order = addresses(fetchOrder([volume("v"), radiograph("a"), volume("w")], 150));
  assert.deepEqual(order.slice(0, 3), ["v/150", "v/151", "v/149"]);
  assert.ok(order.indexOf("a/image") < order.indexOf("w/200"));
  assert.ok(order.indexOf("w/200") < order.indexOf("v/0"));
  assert.ok(order.indexOf("v/399") < order.indexOf("w/0"));
  assert.equal(new Set(order).size, 802);
  assert.equal(order.length, 802);
});

test("sizes are those of the bytes that come", () => {
  const [slice] = fetchOrder([volume("v")], 200);
  assert.equal(slice.bytes, 512 * 512 * 2);
  const [image, mask] = fetchOrder([{ ...radiograph("a"), image: { ...radiograph("a").image, channels: 3 } }], 0);
  assert.equal(image.bytes, 640 * 320 * 3);
  assert.equal(mask.bytes, 640 * 320);
});
