// Shows a mail within the app, in a frame that may do nothing: it has no origin of its own, no script of the mail runs, no link
// leads anywhere, and pictures of others are fetched only when somebody asks for them, since fetching tells that he looked.
//
// The app sends {type: "mail", html, isDark}; the frame says {type: "ready"}, {type: "pictures", count} and {type: "link", href}.

const mayFetch = location.hash === "#pictures";
if (!mayFetch) {
  const policy = document.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = "img-src data:; font-src data:";
  document.head.append(policy);
}

const NEVER = "script, meta, base, link, iframe, frame, object, embed, portal, template";

function tell(message) {
  parent.postMessage(message, "*");
}

/** Takes out what could act, and counts the pictures that would have to be fetched. */
function clean(mail) {
  for (const element of mail.querySelectorAll(NEVER)) element.remove();
  let pictures = 0;
  for (const element of mail.querySelectorAll("*")) {
    for (const { name, value } of [...element.attributes]) {
      const isAction = /^on/i.test(name) || /^(href|src|action|formaction|xlink:href)$/i.test(name) && /^\s*(javascript|vbscript|data:text)/i.test(value);
      if (isAction) element.removeAttribute(name);
      else if (/^(src|srcset|background)$/i.test(name) && /(^|[\s,])(https?:)?\/\//i.test(value)) {
        pictures += 1;
        // The policy above would stop it, too; an empty place says the same without a fault.
        if (!mayFetch) element.removeAttribute(name);
      }
    }
  }
  return pictures;
}

/** As programs do that darken mails which say nothing of darkness themselves. */
const DARKENED = "html{background:#fff;filter:invert(1) hue-rotate(180deg)}img,video,[background]{filter:invert(1) hue-rotate(180deg)}";

function show({ html, isDark }) {
  const mail = new DOMParser().parseFromString(html, "text/html");
  const pictures = clean(mail);
  const speaksOfDarkness = /prefers-color-scheme/.test(html);
  const root = document.documentElement;
  root.lang = mail.documentElement.lang;
  root.dir = mail.documentElement.dir;
  root.style.colorScheme = isDark ? "dark" : "light";
  for (const style of document.head.querySelectorAll("style")) style.remove();
  const styles = [...mail.querySelectorAll("head style")];
  if (isDark && !speaksOfDarkness) {
    const darkened = document.createElement("style");
    darkened.textContent = DARKENED;
    styles.push(darkened);
  }
  document.head.append(...styles);
  const body = document.createElement("body");
  for (const { name, value } of mail.body.attributes) body.setAttribute(name, value);
  body.append(...mail.body.childNodes);
  document.body.replaceWith(body);
  tell({ type: "pictures", count: mayFetch ? 0 : pictures });
}

addEventListener("message", (event) => {
  if (event.source === parent && event.data && event.data.type === "mail" && typeof event.data.html === "string") show(event.data);
});

addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a[href], area[href]") : null;
  event.preventDefault();
  if (link) tell({ type: "link", href: link.getAttribute("href") });
});

addEventListener("submit", (event) => event.preventDefault());
tell({ type: "ready" });
