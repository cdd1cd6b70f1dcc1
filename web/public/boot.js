// Runs before the first paint, so that nobody who chose the dark theme is blinded while the app loads, and so that the page
// has the fonts and the hyphens of its language from the beginning. It asks what src/lib/i18n and src/ui/theme ask.
(function () {
  function remembered(name) {
    try {
      return JSON.parse(localStorage.getItem("hearth." + name));
    } catch {
      return null;
    }
  }
  var theme = remembered("theme");
  var dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";

  var language = remembered("language");
  var wishes = [].concat(navigator.languages || navigator.language || []);
  for (var at = 0; !/^(zh-CN|zh-TW|en)$/.test(language); at += 1) {
    if (at >= wishes.length) language = "en";
    else if (/^zh-(hant|tw|hk|mo)/i.test(wishes[at])) language = "zh-TW";
    else if (/^zh/i.test(wishes[at])) language = "zh-CN";
    else if (/^en/i.test(wishes[at])) language = "en";
  }
  document.documentElement.lang = language;

  // The words of the language, and who is signed in, are asked for while the app's script is still under way. The addresses
  // of the words are written here when the app is built.
  function ask(rel, href, as) {
    var link = document.createElement("link");
    link.rel = rel;
    link.href = href;
    if (as) link.as = as;
    link.crossOrigin = "anonymous";
    document.head.append(link);
  }
  var script = document.currentScript;
  var words = script && script.getAttribute("data-" + language.toLowerCase());
  if (!words) return;
  ask("modulepreload", words);
  // The pages for those who are not signed in do not ask it, and would find an old answer later.
  if (!/^\/app\/(login|setup)/.test(location.pathname)) ask("preload", "/api/v1/me", "fetch");
})();
