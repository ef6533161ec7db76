// An experiment's page follows its job: htmx fills the part that changes; what a reader opened stays open, and
// the picture of the scores is drawn anew in place when there are new ones.
"use strict";
document.addEventListener("DOMContentLoaded", () => htmx.config.morphIgnore.push("open")); // attribute of <details>

document.addEventListener("htmx:after:swap", () => {
  const live = document.querySelector("[data-live]");
  if (!live) return;
  // The page's state is on <main>, outside of the part that htmx replaces.
  document.querySelector("main").dataset.state = live.dataset.state;
  for (const picture of live.querySelectorAll("[data-steady]")) renew(picture, live.dataset.pictures);
});

// The address changes with the data, and chart.js draws what has a new address.
function renew(picture, version) {
  const address = new URL(picture.dataset.figure, location.href);
  address.searchParams.set("at", version);
  picture.dataset.figure = address.pathname + address.search;
  beanftCharts.draw(picture);
}
