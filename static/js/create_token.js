/*
 * Copy a new token to the clipboard. Over plain HTTP browsers offer no clipboard: then the token is
 * selected, and the page says so.
 *
 * Loading the page again, or coming back to it, would send the form again and make another token:
 * the page takes the address `data-after` instead.
 */

const secret = document.getElementById("token-secret");
const button = document.getElementById("copy-secret");
const outcome = document.getElementById("copy-outcome");

history.replaceState(null, "", secret.dataset.after);

button.addEventListener("click", async () => {
  secret.select();
  try {
    await navigator.clipboard.writeText(secret.value);
    outcome.textContent = button.dataset.copied;
  } catch {
    outcome.textContent = button.dataset.failed;
  }
});
