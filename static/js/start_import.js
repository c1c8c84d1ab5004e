/*
 * Sending a ZIP file: its size is checked before anything is sent, and a bar shows how much has
 * arrived. Without this script the plain form does the same, without a bar.
 *
 * <form id="upload-form" data-limit="bytes" data-too-large="…" data-sent="{percent} …" …>
 */

document.addEventListener("htmx:confirm", (event) => {
  const form = event.target;
  if (form.id !== "upload-form") return;
  const file = form.querySelector("input[type=file]").files[0];
  const isTooLarge = Boolean(file) && file.size > Number(form.dataset.limit);
  showTooLarge(form, isTooLarge);
  if (isTooLarge) event.preventDefault();
});

document.addEventListener("htmx:xhr:progress", (event) => {
  const form = event.target;
  const { lengthComputable, loaded, total } = event.detail;
  // The answer reports its progress too, in parts too small to matter
  if (form.id !== "upload-form" || !lengthComputable || total < smallestShown) return;
  showProgress(form, Math.floor((100 * loaded) / total));
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target.id === "upload-form" && !event.detail.successful) hideProgress(event.target);
});

const smallestShown = 1e5;

function showProgress(form, percent) {
  const place = form.querySelector("#upload-progress");
  place.hidden = false;
  place.querySelector("progress").value = percent;
  place.querySelector("[role=status]").textContent =
    percent < 100 ? form.dataset.sent.replace("{percent}", String(percent)) : form.dataset.checking;
}

function hideProgress(form) {
  form.querySelector("#upload-progress").hidden = true;
}

function showTooLarge(form, isTooLarge) {
  form.querySelector(".too-large")?.remove();
  if (!isTooLarge) return;
  const message = document.createElement("p");
  message.className = "notice notice-error too-large";
  message.setAttribute("role", "alert");
  form.querySelector(".form-actions").before(message);
  message.textContent = form.dataset.tooLarge;
}
