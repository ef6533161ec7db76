// Enter in a field of the settings looks again, as leaving it does: only its own button has the file read.
"use strict";
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.closest("#settings input")) return;
  event.preventDefault();
  event.target.blur();
});
