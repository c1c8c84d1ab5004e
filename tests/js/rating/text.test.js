import assert from "node:assert/strict";
import test from "node:test";

import { number } from "../../../static/js/rating/text.js";

const VALUES = [0, 7, -7, 999, 1000, -1000, 12345.678, 1234567, 0.1, 0.0005, 0.12345, -0.2996, 999.9996, 2.5, 1e14, 1e20, 29890.7, NaN];

for (const language of ["en", "zh-Hans"]) {
  test(`numbers are written as the language ${language} writes them`, () => {
    globalThis.document = { documentElement: { lang: language } };
    const format = new Intl.NumberFormat(language);
    for (const value of VALUES) assert.equal(number(value), format.format(value));
    delete globalThis.document;
  });
}
