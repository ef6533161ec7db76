// The page's state is on <main>, outside of the part that htmx replaces while an explanation is made.
"use strict";
document.addEventListener("htmx:after:swap", () => {
  const live = document.querySelector("[data-explanation]");
  if (live) document.querySelector("main").dataset.state = live.dataset.state;
});
