// Sets light or dark before the page is painted; loaded in <head>, blocking, so that nothing flashes.
"use strict";
(() => {
  const preferred = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const chosen = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // storage can be forbidden; the system's choice then holds
    }
  };
  const set = (theme) => {
    document.documentElement.dataset.bsTheme = theme;
    document.dispatchEvent(new CustomEvent("beanft:theme", { detail: theme }));
  };
  set(chosen() ?? preferred());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => set(chosen() ?? preferred()));
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-switch]")) return;
    const theme = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // the choice then lasts for this page
    }
    set(theme);
  });
})();
