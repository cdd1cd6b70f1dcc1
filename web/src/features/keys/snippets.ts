import type { Snippet } from "@/ui";

/** How one product's SDKs send to this server. */
export interface SnippetGroup {
  product: string;
  snippets: Snippet[];
}

/** How each SDK sends to this server, with the key filled in. Nothing else is to be changed in a program that uses it already. */
export function snippetsOfWriteKey(key: string, server: string): SnippetGroup[] {
  const host = server.replace(/^https?:\/\//, "");
  const protocol = server.startsWith("https:") ? "https" : "http";
  return [
    {
      product: "HTTP",
      snippets: [
        {
          name: "curl",
          code: `curl ${server}/v1/track -u ${key}: \\
  -H 'Content-Type: application/json' \\
  -d '{"userId": "u-1001", "event": "Order Completed", "properties": {"revenue": 199, "currency": "CNY"}}'`,
        },
        {
          name: "Python",
          code: `import base64, json, urllib.request

request = urllib.request.Request(
    "${server}/v1/track",
    data=json.dumps({"userId": "u-1001", "event": "Order Completed", "properties": {"revenue": 199}}).encode(),
    headers={
        "Content-Type": "application/json",
        "Authorization": "Basic " + base64.b64encode(b"${key}:").decode(),
    },
)
urllib.request.urlopen(request)`,
        },
      ],
    },
    {
      product: "Segment",
      snippets: [
        {
          name: "analytics.js",
          code: `import { AnalyticsBrowser } from "@segment/analytics-next";

const analytics = AnalyticsBrowser.load({
  writeKey: "${key}",
  cdnSettings: {
    integrations: {
      "Segment.io": { apiKey: "${key}", apiHost: "${host}/v1", protocol: "${protocol}" },
    },
  },
});
analytics.identify("u-1001", { name: "Li Lei", city: "Shanghai" });
analytics.track("Order Completed", { revenue: 199, currency: "CNY" });`,
        },
        {
          name: "Node",
          code: `import { Analytics } from "@segment/analytics-node";

const analytics = new Analytics({ writeKey: "${key}", host: "${server}" });
analytics.identify({ userId: "u-1001", traits: { name: "Li Lei", city: "Shanghai" } });
analytics.track({ userId: "u-1001", event: "Order Completed", properties: { revenue: 199, currency: "CNY" } });
await analytics.closeAndFlush();`,
        },
        {
          name: "Python",
          code: `import segment.analytics as analytics

analytics.write_key = "${key}"
analytics.host = "${server}"
analytics.identify("u-1001", {"name": "Li Lei", "city": "Shanghai"})
analytics.track("u-1001", "Order Completed", {"revenue": 199, "currency": "CNY"})
analytics.flush()`,
        },
      ],
    },
    {
      product: "PostHog",
      snippets: [
        {
          name: "posthog-js",
          code: `import posthog from "posthog-js";

posthog.init("${key}", { api_host: "${server}", advanced_disable_flags: true });
posthog.identify("u-1001", { name: "Li Lei" });
posthog.capture("Order Completed", { revenue: 199 });`,
        },
        {
          name: "Node",
          code: `import { PostHog } from "posthog-node";

const posthog = new PostHog("${key}", { host: "${server}" });
posthog.capture({ distinctId: "u-1001", event: "Order Completed", properties: { revenue: 199 } });
await posthog.shutdown();`,
        },
        {
          name: "Python",
          code: `from posthog import Posthog

posthog = Posthog("${key}", host="${server}")
posthog.capture("Order Completed", distinct_id="u-1001", properties={"revenue": 199})
posthog.shutdown()`,
        },
      ],
    },
    {
      product: "Mixpanel",
      snippets: [
        {
          name: "JavaScript",
          code: `import mixpanel from "mixpanel-browser";

mixpanel.init("${key}", { api_host: "${server}" });
mixpanel.identify("u-1001");
mixpanel.track("Order Completed", { revenue: 199 });`,
        },
        {
          name: "Node",
          code: `import Mixpanel from "mixpanel";

const mixpanel = Mixpanel.init("${key}", { host: "${host}", protocol: "${protocol}" });
mixpanel.track("Order Completed", { distinct_id: "u-1001", revenue: 199 });`,
        },
        {
          name: "Python",
          code: `import mixpanel

consumer = mixpanel.Consumer(
    events_url="${server}/track", people_url="${server}/engage",
    groups_url="${server}/groups", import_url="${server}/import",
)
client = mixpanel.Mixpanel("${key}", consumer)
client.track("u-1001", "Order Completed", {"revenue": 199})`,
        },
      ],
    },
    {
      product: "Amplitude",
      snippets: [
        {
          name: "JavaScript",
          code: `import * as amplitude from "@amplitude/analytics-browser";

amplitude.init("${key}", { serverUrl: "${server}/2/httpapi" });
amplitude.setUserId("u-1001");
amplitude.track("Order Completed", { revenue: 199 });`,
        },
        {
          name: "Node",
          code: `import { init, track } from "@amplitude/analytics-node";

init("${key}", { serverUrl: "${server}/2/httpapi" });
track("Order Completed", { revenue: 199 }, { user_id: "u-1001" });`,
        },
        {
          name: "Python",
          code: `from amplitude import Amplitude, BaseEvent

client = Amplitude("${key}")
client.configuration.server_url = "${server}/2/httpapi"
client.track(BaseEvent(event_type="Order Completed", user_id="u-1001", event_properties={"revenue": 199}))
client.flush()`,
        },
      ],
    },
    {
      product: "Sensors Analytics",
      snippets: [
        {
          name: "JavaScript",
          code: `sensors.init({
  server_url: "${server}/sa?token=${key}",
  send_type: "beacon",
});
sensors.login("u-1001");
sensors.track("Order Completed", { revenue: 199 });`,
        },
        {
          name: "Python",
          code: `import sensorsanalytics

consumer = sensorsanalytics.BatchConsumer("${server}/sa?project=default&token=${key}")
client = sensorsanalytics.SensorsAnalytics(consumer)
client.track("u-1001", "OrderCompleted", {"revenue": 199}, is_login_id=True)
client.flush()`,
        },
      ],
    },
  ];
}

export function snippetsOfApiKey(key: string, server: string): SnippetGroup[] {
  return [
    {
      product: "REST",
      snippets: [
        { name: "curl", code: `curl ${server}/api/v1/members?limit=10 \\\n  -H 'Authorization: Bearer ${key}'` },
        {
          name: "JavaScript",
          code: `const reply = await fetch("${server}/api/v1/members?limit=10", {
  headers: { Authorization: "Bearer ${key}" },
});
const { items } = await reply.json();`,
        },
        {
          name: "Python",
          code: `import urllib.request

request = urllib.request.Request(
    "${server}/api/v1/members?limit=10",
    headers={"Authorization": "Bearer ${key}"},
)
print(urllib.request.urlopen(request).read().decode())`,
        },
      ],
    },
  ];
}
