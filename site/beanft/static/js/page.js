// Small things every page shares: "/" focuses the search box, the first bad field gets the focus,
// a form is sent once, times are shown in the visitor's own zone on hover.
"use strict";
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  const search = document.querySelector("[data-search]");
  if (event.key !== "/" || typing || !search || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  search.focus();
});

document.addEventListener("DOMContentLoaded", () => {
  document.querySelector("[aria-invalid=true]")?.focus();
  localiseTimes(document);
});
document.addEventListener("htmx:after:swap", () => localiseTimes(document));

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) event.preventDefault(); // a double click must not send twice
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

function localiseTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const moment = new Date(time.dateTime);
    if (!Number.isNaN(moment.valueOf())) time.title = moment.toLocaleString();
  }
}
