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

const themeForm = document.getElementById("theme-form");
if (themeForm) switchThemeInPlace(themeForm);
for (const menu of document.querySelectorAll("details.menu")) closeOnLeaving(menu);
document.addEventListener("htmx:responseError", () => showRequestFailure("refused"));
document.addEventListener("htmx:sendError", () => showRequestFailure("unreachable"));
document.addEventListener("htmx:afterSwap", clearRequestFailure);
