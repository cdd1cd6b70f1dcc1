import { render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { asSeveral, configOf, KEPT_SECRET, newWebhookSecret, valuesOf } from "./model";
import { whatWasTried } from "./steps";
import { TestResult } from "./TestResult";

vi.mock("react-i18next", () => ({ useTranslation: () => ({ t: (key: string) => key, i18n: { language: "en", exists: () => true } }) }));

const full = {
  accounts: [
    { name: "own", host: "smtp.example.com", password: KEPT_SECRET, weight: 3, warm_up: { start: "2026-12-01", plan: "standard" }, not_known: 1 },
    { name: "spare", host: "mail.example.net", port: 465, security: "tls", warm_up: { start: "2026-12-01", plan: [50, 100] } },
  ],
  from: { email: "hello@example.com" },
  domains: { "qq.com": { per_second: 2, concurrency: 2 }, "*": { per_second: 20 } },
  dkim: [{ domain: "example.com", selector: "h1", private_key: KEPT_SECRET, enabled: false }],
  track_opens: false,
  something_new: { kept: true },
};

test("a configuration that nobody touched is sent as it came, with what this page does not know", () => {
  expect(configOf(valuesOf("Mail", full))).toEqual(full);
  const webhook = { url: "https://example.com", secret: KEPT_SECRET, headers: { "X-Shop": "1" } };
  expect(configOf(valuesOf("Till", webhook))).toEqual(webhook);
});

test("what was left empty is not sent, so that it is as usual", () => {
  const values = { ...valuesOf("Mail", {}), from: { email: "a@example.com", name: " " }, port: null, warm_up: { plan: "standard" }, domain_rows: [{ domain: "" }], track_links: false };
  expect(configOf(values)).toEqual({ from: { email: "a@example.com" }, track_links: false });
});

test("a plan of one's own is read from numbers as people write them", () => {
  const values = { ...valuesOf("Mail", {}), warm_up: { start: "2026-12-01", plan: "own", days: "50，100, 200 400" } };
  expect(configOf(values)).toEqual({ warm_up: { start: "2026-12-01", plan: [50, 100, 200, 400] } });
});

test("one server becomes the first of several, without a password that is kept elsewhere", () => {
  const values = valuesOf("Mail", { host: "smtp.example.com", port: 25, password: KEPT_SECRET, from: { email: "a@b.c" } });
  const after = { ...values, ...asSeveral(values, "main") };
  expect(configOf(after)).toMatchObject({ accounts: [{ name: "main", host: "smtp.example.com", port: 25 }, {}], from: { email: "a@b.c" } });
  expect(configOf(after)).not.toHaveProperty("host");
  expect(JSON.stringify(configOf(after))).not.toContain(KEPT_SECRET);
});

test("a made secret has the form that the server wants", () => {
  expect(newWebhookSecret()).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(newWebhookSecret()).not.toBe(newWebhookSecret());
});

test("a failed test says which server failed at which step, and which steps went well", () => {
  const config = { accounts: [{ name: "own", host: "a", username: "x" }, { name: "spare", host: "b", security: "none" }], mailbox: { host: "c" } };
  const failures = [
    { path: "accounts[0]", message: "own: login (AUTH): 535 5.7.8 Error: authentication failed" },
    { path: "mailbox", message: "mailbox: channel_test_failed: connecting: Connection refused" },
  ];
  const tried = whatWasTried("email", config, { ok: false, steps: [], failures });
  expect(tried.map((one) => [one.path, one.steps.map((step) => `${step.name} ${step.state}`)])).toEqual([
    ["accounts[0]", ["resolve done", "connect done", "greeting done", "start_tls done", "login failed", "noop not_reached"]],
    ["accounts[1]", ["resolve done", "connect done", "greeting done", "noop done"]],
    ["mailbox", ["mailbox failed"]],
  ]);
  expect(tried[0]?.said).toBe("535 5.7.8 Error: authentication failed");
  expect(tried[2]?.said).toBe("Connection refused");
});

test("a server with one account tells its failure without a path", () => {
  const [tried] = whatWasTried("email", { host: "a" }, { ok: false, steps: [], failures: [{ path: "", message: "connecting: Connection refused (os error 111)" }] });
  expect(tried?.steps.map((step) => step.state)).toEqual(["done", "failed", "not_reached", "not_reached", "not_reached"]);
});

test("steps that the server tells are shown as it tells them, server by server", () => {
  const step = { target: "a:25", took_ms: 3, words: { en: "", zh: "" } };
  const tried = whatWasTried("email", { accounts: [{ name: "own" }] }, {
    ok: false,
    failures: [],
    steps: [
      { ...step, what: "connect", path: "accounts[0]", ok: true },
      { ...step, what: "sign_in", path: "accounts[0]", ok: false, words: { en: "Refused.", zh: "被拒。" }, message: "login (AUTH): 535 no" },
      { ...step, what: "mailbox", path: "mailbox", ok: true },
    ],
  });
  expect(tried.map((one) => [one.path, one.name, one.said])).toEqual([["accounts[0]", "own", "535 no"], ["mailbox", "", undefined]]);
  expect(tried[0]?.failure?.words).toEqual({ en: "Refused.", zh: "被拒。" });
  expect(tried[0]?.steps.map((one) => one.state)).toEqual(["done", "failed"]);
});

test("what a server says stays text", () => {
  const tried = whatWasTried("webhook", {}, { ok: false, steps: [], failures: [{ path: "", message: "<img src=x onerror=alert(1)>" }] });
  const { container } = render(<TestResult tried={tried} />);
  expect(screen.getByText("<img src=x onerror=alert(1)>")).toBeTruthy();
  expect(container.querySelector("img")).toBeNull();
  expect(screen.getByRole("alert")).toBeTruthy();
});
