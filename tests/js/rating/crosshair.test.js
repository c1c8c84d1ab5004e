import assert from "node:assert/strict";
import test from "node:test";

import { meetingPixel, slicesAt } from "../../../static/js/rating/crosshair.js";
import { placePanes } from "../../../static/js/rating/panes_layout.js";
import { fittingScale } from "../../../static/js/rating/view_geometry.js";

// 40 slices from foot to head, 60 rows from front to back, 50 columns from right to left
const cut = (plane, reverse) => ({ plane, reverse });
const PLANES = {
  axial: { rows: 60, columns: 50, slices: 40, rows_cut: cut("coronal", true), columns_cut: cut("sagittal", true) },
  coronal: { rows: 40, columns: 50, slices: 60, rows_cut: cut("axial", true), columns_cut: cut("sagittal", true) },
  sagittal: { rows: 40, columns: 60, slices: 50, rows_cut: cut("axial", true), columns_cut: cut("coronal", true) },
};

test("the upper left pixel of the axial plane is in front and on the patient's right", () => {
  assert.deepEqual(slicesAt(PLANES.axial, { row: 0, column: 0 }), { coronal: 59, sagittal: 49 });
});

test("the upper left pixel of the sagittal plane is on top and in front", () => {
  assert.deepEqual(slicesAt(PLANES.sagittal, { row: 0, column: 0 }), { axial: 39, coronal: 59 });
});

test("the pixel where the slices meet is the one that was pointed at", () => {
  for (const plane of Object.values(PLANES)) {
    for (const pixel of [{ row: 3, column: 17 }, { row: 0, column: 0 }, { row: plane.rows - 1, column: 1 }]) {
      assert.deepEqual(meetingPixel(plane, slicesAt(plane, pixel)), pixel);
    }
  }
});

test("without orientation the order is as stored", () => {
  const plane = { ...PLANES.axial, rows_cut: cut("coronal", false), columns_cut: cut("sagittal", false) };
  assert.deepEqual(slicesAt(plane, { row: 3, column: 17 }), { coronal: 3, sagittal: 17 });
});

test("a single image has no crosshair", () => {
  assert.equal(meetingPixel({ rows: 2, columns: 2, rows_cut: null, columns_cut: null }, {}), null);
});

const overlap = (one, other) =>
  one.left < other.left + other.width && other.left < one.left + one.width &&
  one.top < other.top + other.height && other.top < one.top + one.height;

for (const [width, height] of [[896, 500], [1280, 380], [768, 360], [600, 900], [2000, 1400], [320, 200]]) {
  test(`three panes fill ${width} x ${height}, apart from each other, the axial one large`, () => {
    const found = placePanes(["axial", "coronal", "sagittal"], PLANES, { width, height });
    const panes = Object.values(found);
    for (const { left, top, ...size } of panes) {
      assert.ok(left >= 0 && top >= 0 && left + size.width <= width && top + size.height <= height);
      assert.ok([left, top, size.width, size.height].every(Number.isInteger));
    }
    assert.ok(!overlap(panes[0], panes[1]) && !overlap(panes[0], panes[2]) && !overlap(panes[1], panes[2]));
    const area = ({ width: wide, height: high }) => wide * high;
    assert.ok(panes.reduce((sum, pane) => sum + area(pane), 0) > 0.95 * width * height);
    // As large as the place allows it beside two others that are no larger
    assert.ok(fittingScale(PLANES.axial, found.axial) >= 0.5 * fittingScale(PLANES.axial, { width, height }));
  });
}

test("a plane alone has the whole stage", () => {
  const stage = { width: 300, height: 200 };
  assert.deepEqual(placePanes(["coronal"], PLANES, stage), { coronal: { left: 0, top: 0, ...stage } });
});
