// Rolling back: asked about in a dialog, then sent as JSON, which no other site's form can do.
"use strict";
const dialog = document.getElementById("confirm");
const outcome = document.getElementById("outcome");
const buttons = document.querySelectorAll("button[data-release]");
const told = sessionStorage.getItem("saydo-outcome");
if (told) {
  sessionStorage.removeItem("saydo-outcome");
  outcome.textContent = told;
}
for (const button of buttons) {
  button.disabled = false;
  button.addEventListener("click", () => {
    dialog.dataset.release = button.dataset.release;
    document.getElementById("asked").textContent = button.dataset.release;
    document.getElementById("day").textContent = button.dataset.asOf;
    dialog.showModal();
    document.getElementById("no").focus();
  });
}
if (dialog) {
  document.getElementById("no").addEventListener("click", () => dialog.close());
  document.getElementById("yes").addEventListener("click", async () => {
    dialog.close();
    for (const button of buttons) button.disabled = true;
    outcome.textContent = "Rolling back …";
    try {
      const answer = await fetch("roll-back", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ release_id: dialog.dataset.release, shown_current: dialog.dataset.current }),
      });
      const { detail } = await answer.json();
      if (answer.ok) {
        sessionStorage.setItem("saydo-outcome", detail);
        location.reload();
        return;
      }
      outcome.textContent = `Not rolled back: ${typeof detail === "string" ? detail : answer.status}`;
    } catch {
      outcome.textContent = "The answer was lost: load the page again to see which release is current.";
    }
    for (const button of buttons) button.disabled = false;
  });
}
