// The form of one row: when the answer comes without a new page, the fields it names are marked.
"use strict";
document.addEventListener("htmx:after:swap", () => {
  const answer = document.getElementById("answer");
  const wrong = new Map();
  for (const item of answer.querySelectorAll("[data-field]")) {
    wrong.set(item.dataset.field, item.querySelector("span").textContent);
  }
  // By their ids: the form itself may not be asked, a column called “elements” would answer.
  for (const text of document.querySelectorAll(".row-form .invalid-feedback")) {
    const id = text.id.slice(0, -"-error".length);
    const field = document.getElementById(id);
    text.textContent = wrong.get(id) ?? "";
    field.classList.toggle("is-invalid", wrong.has(id));
    if (wrong.has(id)) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
  const [first] = wrong.keys();
  if (first) document.getElementById(first).focus();
  else answer.scrollIntoView({ block: "nearest" });
});
