/*
 * Logging out with submissions that are not yet sent: the page says how many there are and asks
 * for a second press. The rating page keeps each of them in localStorage under
 * `sts-qa:queue:<account>:<anything>`; they stay there and are sent after the next log-in of the
 * same account.
 */

/** These only tell where the rater is and what was read; nothing is lost with them. */
const SILENT_KINDS = new Set(["shown", "skip", "conditions", "acknowledged"]);

const form = document.getElementById("log-out-form");
if (form) form.addEventListener("submit", confirmUnsentWork);

function confirmUnsentWork(event) {
  const unsent = countUnsent(form.dataset.account);
  if (unsent === 0 || form.dataset.confirmed === "true") return;
  event.preventDefault();
  const warning = document.createElement("p");
  warning.setAttribute("role", "alert");
  warning.className = "notice notice-warning";
  form.querySelector("button").before(warning);
  warning.textContent = form.dataset.unsent.replace("{count}", String(unsent));
  form.querySelector("button").textContent = form.dataset.confirm;
  form.dataset.confirmed = "true";
}

function countUnsent(account) {
  const prefix = `sts-qa:queue:${account}:`;
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(prefix));
    return keys.filter((key) => !SILENT_KINDS.has(JSON.parse(localStorage.getItem(key)).kind)).length;
  } catch {
    // The browser refuses storage to this page, so nothing can wait in it
    return 0;
  }
}
