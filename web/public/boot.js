// Runs before the first paint, so that nobody who chose the dark theme is blinded while the app loads.
(function () {
  var choice;
  try {
    choice = JSON.parse(localStorage.getItem("hearth.theme"));
  } catch {
    choice = null;
  }
  var dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
