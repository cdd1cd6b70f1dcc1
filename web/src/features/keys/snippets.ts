import type { Snippet } from "@/ui";

/** How each SDK sends to this server, with the key filled in. */
export function snippetsOfWriteKey(key: string, server: string): Snippet[] {
  return [
    {
      name: "curl",
      code: `curl ${server}/v1/track -u ${key}: \\
  -H 'Content-Type: application/json' \\
  -d '{"userId": "u-1001", "event": "Order Completed", "properties": {"revenue": 199, "currency": "CNY"}}'`,
    },
    {
      name: "Segment (Node)",
      code: `import { Analytics } from "@segment/analytics-node";

const analytics = new Analytics({ writeKey: "${key}", host: "${server}" });
analytics.identify({ userId: "u-1001", traits: { name: "Li Lei", city: "Shanghai" } });
analytics.track({ userId: "u-1001", event: "Order Completed", properties: { revenue: 199, currency: "CNY" } });
await analytics.closeAndFlush();`,
    },
    {
      name: "PostHog",
      code: `import { PostHog } from "posthog-node";

const posthog = new PostHog("${key}", { host: "${server}" });
posthog.capture({ distinctId: "u-1001", event: "Order Completed", properties: { revenue: 199 } });
await posthog.shutdown();`,
    },
    {
      name: "Mixpanel",
      code: `import Mixpanel from "mixpanel";

const mixpanel = Mixpanel.init("${key}", { host: "${server.replace(/^https?:\/\//, "")}", protocol: "${server.split(":")[0]}" });
mixpanel.track("Order Completed", { distinct_id: "u-1001", revenue: 199 });`,
    },
    {
      name: "Amplitude",
      code: `import { init, track } from "@amplitude/analytics-node";

init("${key}", { serverUrl: "${server}/2/httpapi" });
track("Order Completed", { revenue: 199 }, { user_id: "u-1001" });`,
    },
    {
      name: "Sensors",
      code: `sensors.init({
  server_url: "${server}/sa?token=${key}",
  send_type: "beacon",
});
sensors.login("u-1001");
sensors.track("Order Completed", { revenue: 199 });`,
    },
  ];
}

export function snippetsOfApiKey(key: string, server: string): Snippet[] {
  return [
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
  ];
}
