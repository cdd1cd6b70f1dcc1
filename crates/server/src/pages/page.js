// Sends the forms of our few pages as JSON, and keeps the numbers of the home page fresh.
"use strict";

const words = JSON.parse(document.body.dataset.words);
const trouble = document.querySelector("[data-trouble]");

function say(text) {
  if (trouble) trouble.textContent = text;
}

async function explain(response) {
  const problem = await response.json().catch(() => ({}));
  const text = words[problem.code] || problem.message || String(response.status);
  return text.replace("{seconds}", response.headers.get("retry-after") || "");
}

async function send(form) {
  const button = form.querySelector("button");
  button.disabled = true;
  say("");
  try {
    const response = await fetch(form.getAttribute("action"), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(Object.fromEntries(new FormData(form))),
    });
    if (response.ok) {
      location.assign(form.dataset.next);
      return;
    }
    say(await explain(response));
  } catch {
    say(words.no_connection);
  }
  button.disabled = false;
}

for (const form of document.forms) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}

const zone = document.querySelector("[data-time-zone]");
if (zone) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || zone.value;

const tiles = document.querySelector("[data-live]");
const states = document.querySelector("[data-states]");
const shape = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });

function shown(number) {
  return typeof number === "number" ? shape.format(number) : "–";
}

function tile(number, label) {
  const item = document.createElement("li");
  const strong = document.createElement("strong");
  const span = document.createElement("span");
  strong.textContent = number;
  span.textContent = label;
  item.append(strong, span);
  return item;
}

async function refresh() {
  try {
    const response = await fetch(tiles.dataset.live, { cache: "no-store" });
    if (response.status === 401) {
      location.assign("/login");
      return;
    }
    const numbers = await response.json();
    for (const place of tiles.querySelectorAll("[data-number]")) {
      place.textContent = shown(numbers[place.dataset.number]);
    }
    const rows = Object.entries(numbers.deliveries || {}).map(([state, n]) => tile(shown(n), words[state] || state));
    states.replaceChildren(...(rows.length ? rows : [tile("–", words.none)]));
    say("");
  } catch {
    say(words.no_connection);
  }
  setTimeout(refresh, document.hidden ? 10000 : 2000);
}

if (tiles) refresh();
