// Runs before the first paint so that a dark or English page never flashes light or Turkish.
// An external file, because the content security policy allows no inline script.
(() => {
  const root = document.documentElement;
  try {
    const scheme = localStorage.getItem("bn-scheme") || "auto";
    const dark =
      scheme === "dark" || (scheme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
    root.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
    root.lang = localStorage.getItem("bn-locale") || root.lang;
  } catch {
    root.setAttribute("data-mantine-color-scheme", "light");
  }
})();
