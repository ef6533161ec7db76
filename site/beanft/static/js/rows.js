// The page of rows: menus close, rows are copied, the address stays short, the panel of a column is shown.
// Loaded after copy.js and filters.js. Without this file every link and form works all the same.
"use strict";
(() => {
  const grid = () => document.getElementById("rows");
  const { copy, announce } = window.beanftCopy;

  async function copyRows(link) {
    const answer = await fetch(link.href, { credentials: "same-origin", headers: { Accept: "text/plain" } });
    if (!answer.ok || answer.redirected) {
      announce("The rows could not be loaded. Load this page again.");
      return;
    }
    await copy(await answer.text(), "The rows of this page", link);
  }

  // “Filter by it” needs no answer of the server: the form is on the page.
  function filterBy(button) {
    const field = document.getElementById("filter-column");
    button.closest("[popover]").hidePopover();
    field.value = button.value;
    window.beanftFilters.fit();
    document.getElementById("filter-operator").focus();
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-copy-rows], [data-about]");
    if (!target) return;
    event.preventDefault();
    if ("copyRows" in target.dataset) copyRows(target);
    else filterBy(target);
  });

  // After a swap: the address in its shortest form, no menu left open, the panel of a column shown.
  function settle() {
    for (const menu of document.querySelectorAll("[popover]:popover-open")) menu.hidePopover();
    const here = new URL(grid().dataset.here, location.href);
    if (here.href !== location.href) history.replaceState(history.state, "", here);
    keepFocus();
  }

  // Where the part that had the focus is gone (a chip, the last page's “Next”), the keyboard goes on at the rows.
  function keepFocus() {
    const active = document.activeElement;
    if (active && active !== document.body && active.checkVisibility()) return;
    const rows = grid().querySelector(".table-responsive") ?? document.getElementById("search");
    rows.focus({ preventScroll: true });
  }

  // The focus goes into the panel, and back to the button of the menu when it closes.
  function showPanel() {
    const menu = document.querySelector(".column-menu:popover-open");
    const panel = document.getElementById("column-panel");
    const button = menu && document.querySelector(`[popovertarget="${menu.id}"]`);
    menu?.hidePopover();
    panel.addEventListener("hidden.bs.offcanvas", () => button?.focus(), { once: true });
    bootstrap.Offcanvas.getOrCreateInstance(panel).show();
  }

  document.addEventListener("htmx:after:swap", (event) => {
    const target = event.detail?.ctx?.target ?? event.target;
    if (target?.id === "column-panel-body") showPanel();
    else settle();
  });
})();
