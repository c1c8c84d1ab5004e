/*
 * Behaviour of every page. Each part works on plain forms and links too; this only spares a reload
 * or says what went wrong.
 */

/** Switch the theme without leaving the page, so that half-filled forms are kept. */
function switchThemeInPlace(form) {
  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (!button || button.name !== "theme") return;
    event.preventDefault();
    document.documentElement.dataset.theme = button.value;
    for (const choice of form.querySelectorAll("button[name=theme]")) {
      choice.setAttribute("aria-pressed", String(choice === button));
    }
    const body = new FormData(form);
    body.set("theme", button.value);
    try {
      const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
      if (answer.status >= 400) showRequestFailure("refused");
    } catch {
      showRequestFailure("unreachable");
    }
  });
}

/** Close an open menu on Escape, and when the focus or a press goes elsewhere. */
function closeOnLeaving(menu) {
  const summary = menu.querySelector("summary");
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    summary.focus();
  });
  for (const kind of ["pointerdown", "focusin"]) {
    document.addEventListener(kind, (event) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  }
}

/**
 * Send a form once: a second press while its answer is under way changes nothing. A form that takes
 * long says so meanwhile, with the text in its `data-working`.
 */
function sendOnce(event) {
  const form = event.target;
  // What a script sends itself is its own affair
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.hasAttribute("aria-busy")) {
    event.preventDefault();
    return;
  }
  form.setAttribute("aria-busy", "true");
  event.submitter?.setAttribute("aria-disabled", "true");
  const working = form.dataset.working;
  if (working) sayWorking(form, working);
  // Whoever stops the browser from waiting can send again
  setTimeout(() => allowSending(form), working ? longHoldMilliseconds : holdMilliseconds);
}

function allowSending(form) {
  form.removeAttribute("aria-busy");
  for (const button of form.querySelectorAll("[type=submit][aria-disabled]")) {
    button.removeAttribute("aria-disabled");
  }
  form.querySelector(".form-working")?.remove();
}

function sayWorking(form, text) {
  const place = document.createElement("p");
  place.className = "form-working";
  place.setAttribute("role", "status");
  form.append(place);
  place.textContent = text;
}

/** Say that a partial update failed; `reason` names a data attribute of the alert element. */
function showRequestFailure(reason) {
  const place = document.getElementById("request-failed");
  const label = document.createElement("strong");
  label.className = "notice-label";
  label.textContent = place.dataset.label;
  place.className = "notice notice-error request-failed";
  place.replaceChildren(label, place.dataset[reason]);
}

function clearRequestFailure() {
  const place = document.getElementById("request-failed");
  place.className = "";
  place.replaceChildren();
}

const holdMilliseconds = 5000;
const longHoldMilliseconds = 120000;
document.addEventListener("submit", sendOnce);
// A page that comes back from the browser's memory was left while it was sending
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[aria-busy]")) allowSending(form);
});
const themeForm = document.getElementById("theme-form");
if (themeForm) switchThemeInPlace(themeForm);
for (const menu of document.querySelectorAll("details.menu")) closeOnLeaving(menu);
document.addEventListener("htmx:responseError", () => showRequestFailure("refused"));
document.addEventListener("htmx:sendError", () => showRequestFailure("unreachable"));
document.addEventListener("htmx:afterSwap", clearRequestFailure);
