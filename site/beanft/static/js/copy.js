// Copies text to the clipboard, and says so: data-copy-link (its value is the address to copy, empty for that
// of this page) and data-copy-from (the id of the element whose text is copied; data-copy-what says what it is).
"use strict";
(() => {
  const announce = (text) => {
    document.querySelector("[data-announce]").textContent = text;
  };

  // Where the clipboard is closed to pages, the text is selected for the visitor's own Ctrl+C.
  async function copy(text, what, near) {
    try {
      await navigator.clipboard.writeText(text);
      announce(`${what} copied.`);
      flash(near, "Copied");
    } catch {
      offer(text, near);
      announce(`The browser does not let pages copy. ${what} is selected: press Ctrl and C.`);
    }
  }

  function flash(button, text) {
    if (button.dataset.before) return;
    button.dataset.before = button.innerHTML;
    button.textContent = text;
    setTimeout(() => {
      button.innerHTML = button.dataset.before;
      delete button.dataset.before;
    }, 1500);
  }

  function offer(text, near) {
    const field = Object.assign(document.createElement("textarea"), { className: "form-control mt-2", value: text, rows: 6, readOnly: true });
    field.setAttribute("aria-label", "Text to copy");
    near.parentElement.after(field);
    field.addEventListener("blur", () => field.remove());
    field.focus();
    field.select();
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-copy-link], [data-copy-from]");
    if (!target) return;
    event.preventDefault();
    if ("copyLink" in target.dataset) copy(new URL(target.dataset.copyLink || location.href, location.href).href, "The link", target);
    else copy(document.getElementById(target.dataset.copyFrom).textContent, target.dataset.copyWhat || "The code", target);
  });

  function begin() {
    for (const button of document.querySelectorAll("[data-copy-link], [data-copy-from]")) button.hidden = false;
  }
  window.beanftCopy = { copy, announce };
  document.addEventListener("htmx:after:swap", begin);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
