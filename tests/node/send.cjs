// Sends with the unmodified Node SDKs what test_sdks.py then looks for. Ends with 1 when an SDK reports an error.

const { Analytics } = require("@segment/analytics-node");
const { PostHog } = require("posthog-node");

const { HEARTH_URL: host, HEARTH_KEY: key, HEARTH_MOMENT: moment } = process.env;
const failures = [];

async function segment() {
  const analytics = new Analytics({ writeKey: key, host, maxEventsInBatch: 3, flushInterval: 100 });
  analytics.on("error", (error) => failures.push(`segment: ${error.code} ${error.reason}`));
  const timestamp = new Date(moment);
  analytics.track({ anonymousId: "visitor-segment", event: "Product Viewed", properties: { wine: "Beaune" }, timestamp });
  analytics.identify({ userId: "anna-segment", traits: { first_name: "安娜", city: "上海" } });
  analytics.alias({ userId: "anna-segment", previousId: "visitor-segment" });
  for (let nth = 1; nth <= 4; nth += 1) {
    analytics.track({ userId: "anna-segment", event: "Order Completed", properties: { nth, revenue: 12.5 }, timestamp });
  }
  analytics.page({ userId: "anna-segment", name: "Home", properties: { path: "/" } });
  analytics.group({ userId: "anna-segment", groupId: "club-1", traits: { name: "Wine Club" } });
  await analytics.closeAndFlush({ timeout: 20_000 });
}

async function posthog() {
  const client = new PostHog(key, { host, flushAt: 3, flushInterval: 100 });
  client.on("error", (error) => failures.push(`posthog: ${error}`));
  const timestamp = new Date(moment);
  client.identify({ distinctId: "anna-posthog", properties: { $set: { first_name: "安娜", city: "上海" } } });
  client.alias({ distinctId: "visitor-posthog", alias: "anna-posthog" });
  for (let nth = 1; nth <= 4; nth += 1) {
    const properties = { nth, revenue: 12.5 };
    client.capture({ distinctId: "anna-posthog", event: "Order Completed", properties, timestamp });
  }
  const isEnabled = await client.isFeatureEnabled("anything", "anna-posthog");
  if (isEnabled) failures.push("posthog: a flag that nobody made is on");
  await client.shutdown(20_000);
}

(async () => {
  await segment();
  await posthog();
  failures.forEach((failure) => console.error(failure));
  process.exit(failures.length === 0 ? 0 : 1);
})();
