import assert from "node:assert/strict";
import test from "node:test";

import { number, typedNumber } from "../../../static/js/rating/text.js";

const VALUES = [0, 7, -7, 999, 1000, -1000, 12345.678, 1234567, 0.1, 0.0005, 0.12345, -0.2996, 999.9996, 2.5, 1e14, 1e20, 29890.7, NaN];

for (const language of ["en", "zh-Hans"]) {
  test(`numbers are written as the language ${language} writes them`, () => {
    globalThis.document = { documentElement: { lang: language } };
    const format = new Intl.NumberFormat(language);
    for (const value of VALUES) assert.equal(number(value), format.format(value));
    delete globalThis.document;
  });
}

test("a number is typed as the page writes it, or with a decimal comma", () => {
  const meant = {
    "1,500": 1500, "-1,500": -1500, "−1,024": -1024, "12,345,678.25": 12345678.25, "１，５００": 1500, " 2,000 ": 2000,
    "64,5": 64.5, "-0,25": -0.25, "0,500": 0.5, "1,50": 1.5, "1500,125": 1500.125, "120": 120, "0.5": 0.5,
  };
  for (const [typed, value] of Object.entries(meant)) assert.equal(typedNumber(typed), value, typed);
  for (const typed of ["", " ", "wide", "1,500,5", "1,2,3", "1.500,25"]) {
    assert.ok(Number.isNaN(typedNumber(typed)), typed);
  }
});

for (const language of ["en", "zh-Hans"]) {
  test(`what the page writes in ${language} is what typing it means`, () => {
    globalThis.document = { documentElement: { lang: language } };
    for (const value of [0, -7, 999, 1000, -1024, 1500.5, 29890.7, 1234567, 0.125]) {
      assert.equal(typedNumber(number(value)), value);
    }
    delete globalThis.document;
  });
}
