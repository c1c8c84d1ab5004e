/* The list of shortcuts, printed from the table that the page acts on. */

import { GROUPS, SHORTCUTS } from "./keys.js";
import { text } from "./text.js";

/** `isRapid` says whether a digit scores and goes on. */
export function fillHelp(place, isRapid) {
  place.replaceChildren();
  for (const group of GROUPS) {
    const heading = document.createElement("h3");
    heading.textContent = text(`group${group}`);
    const list = document.createElement("dl");
    const actions = new Map();
    for (const { action, shown, group: ofGroup, isRapid: isForRapid = false } of SHORTCUTS) {
      if (ofGroup !== group || !shown || (isForRapid && !isRapid)) continue;
      actions.set(action, [...(actions.get(action) ?? []), ...shown.split(", ")]);
    }
    for (const [action, shown] of actions) list.append(line(action, shown));
    place.append(heading, list);
  }
}

function line(action, shown) {
  const row = document.createElement("div");
  const keys = document.createElement("dt");
  for (const combination of shown) {
    const keyboard = combination.split(" ").map((key) => {
      const element = document.createElement("kbd");
      element.textContent = key;
      return element;
    });
    const span = document.createElement("span");
    span.append(...keyboard);
    keys.append(span);
  }
  const meaning = document.createElement("dd");
  meaning.textContent = text(`key${action[0].toUpperCase()}${action.slice(1)}`);
  row.append(keys, meaning);
  return row;
}
