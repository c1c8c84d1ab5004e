/*
 * Looking at an own item again, on the page of its study: a notice on another study's page leads
 * there by an address that names the item.
 */

import { text } from "./text.js";

const MARK = "#look-";

/** The address at which an item, {study, token}, is opened. */
export function lookAddress({ pageUrl }, { study, token }) {
  return new URL(`../${study}/${MARK}${token}`, pageUrl).href;
}

/** Open the item that this page's address names; not before the reading conditions are stated. */
export function openNamed(page, { location, history } = globalThis) {
  if (!location.hash.startsWith(MARK) || page.isAsking) return;
  const token = location.hash.slice(MARK.length);
  // A reload begins where the rater is by then
  history.replaceState(null, "", location.pathname);
  page.reopen(token);
}

/** The assignment as the server has it; null, and a notice, where it cannot be opened on this page. */
export async function askAgain({ api, queue, status }, token) {
  let answer;
  try {
    answer = await api.assignment(token);
  } catch {
    status.notice("reopen", text("reopenUnreachable"));
    return null;
  }
  const { data } = answer;
  if (answer.status !== 200) {
    status.notice("reopen", data?.detail ?? text("reopenRefused"));
    return null;
  }
  if (data.study === queue.study) return data;
  const open = { label: text("look"), href: lookAddress(api, data) };
  status.notice(`item-${token}`, text("itemElsewhere"), { actions: [open] });
  return null;
}
