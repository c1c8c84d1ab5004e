import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";

import { GROUPS, SHORTCUTS } from "../../../static/js/rating/keys.js";

const PROJECT = new URL("../../../", import.meta.url);
const read = (path) => readFileSync(new URL(path, PROJECT), "utf8");
const attribute = (name) => `data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}=`;
const template = read("templates/rating/_rating_texts.html");
const scripts = readdirSync(new URL("static/js/rating/", PROJECT)).map((file) => read(`static/js/rating/${file}`));

test("every text that a script names stands in the template", () => {
  const names = scripts.flatMap((script) => [...script.matchAll(/\btext\("(\w+)"/g)].map(([, name]) => name));
  assert.ok(names.length > 20);
  for (const name of names) assert.ok(template.includes(attribute(name)), name);
});

test("every shortcut and group of the help has its words", () => {
  for (const { action } of SHORTCUTS) {
    const name = `key${action[0].toUpperCase()}${action.slice(1)}`;
    assert.ok(template.includes(attribute(name)), name);
  }
  for (const group of GROUPS) assert.ok(template.includes(attribute(`group${group}`)), group);
});

test("nothing is used that browsers withhold over plain HTTP", () => {
  for (const script of [...scripts, read("static/js/rate_study.js")]) {
    assert.doesNotMatch(script, /randomUUID\(|crypto\.subtle|navigator\.locks|serviceWorker|\bcaches\b|deviceMemory/);
  }
});
