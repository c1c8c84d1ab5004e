import assert from "node:assert/strict";
import test from "node:test";

import { fetchedAhead } from "../../../static/js/rating/fetch_status.js";

const image = (planes) => ({ channels: 1, dtype: "uint8", planes });
const radiograph = (name) => ({ image: image({ image: { rows: 1, columns: 1, slices: 1, first_slice: 0, url: name } }) });
const volume = (name) => ({ image: image({ axial: { rows: 1, columns: 1, slices: 4, first_slice: 2, url: `${name}{slice}` } }) });
const storeOf = (...held) => ({ isComplete: false, peek: (address) => (held.includes(address) ? [] : null) });

test("of the volume on screen the slices that are here are counted", () => {
  assert.deepEqual(fetchedAhead([volume("v")], storeOf("v0", "v2", "a")), { kind: "slices", ready: 2, total: 4 });
});

test("else the first views of the items that follow", () => {
  const all = [radiograph("a"), radiograph("b"), volume("v")];
  assert.deepEqual(fetchedAhead(all, storeOf("a", "v2")), { kind: "images", ready: 1, total: 2 });
  assert.equal(fetchedAhead(all, storeOf("b", "v2")), null);
});

test("where no more comes, as at the limit of the memory, nothing is said", () => {
  assert.equal(fetchedAhead([volume("v")], { ...storeOf(), isComplete: true }), null);
});
