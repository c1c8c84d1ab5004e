/*
 * Copy a new token to the clipboard. Over plain HTTP browsers offer no clipboard: then the token is
 * selected, and the page says so.
 */

const secret = document.getElementById("token-secret");
const button = document.getElementById("copy-secret");
const outcome = document.getElementById("copy-outcome");

button.addEventListener("click", async () => {
  secret.select();
  try {
    await navigator.clipboard.writeText(secret.value);
    outcome.textContent = button.dataset.copied;
  } catch {
    outcome.textContent = button.dataset.failed;
  }
});
