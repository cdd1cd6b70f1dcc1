import type { SettingsEntry } from "@/features/settings";

/** The pages below Settings, in their order. */
export const settingsPages: SettingsEntry[] = [
  { to: "/settings/workspace", labelKey: "settings:pages.workspace", group: "workspace", isForAdmins: true },
  { to: "/settings/users", labelKey: "settings:pages.users", group: "workspace", isForAdmins: true },
  { to: "/settings/keys", labelKey: "settings:pages.keys", group: "workspace", isForAdmins: true },
  { to: "/settings/account", labelKey: "settings:pages.account", group: "workspace" },
  { to: "/settings/channels", labelKey: "settings:pages.channels", group: "sending", isForAdmins: true },
  { to: "/settings/topics", labelKey: "settings:pages.topics", group: "sending", isForAdmins: true },
  { to: "/settings/policy", labelKey: "settings:pages.policy", group: "sending", isForAdmins: true },
  { to: "/settings/tags", labelKey: "settings:pages.tags", group: "members" },
  { to: "/settings/stages", labelKey: "settings:pages.stages", group: "members" },
  { to: "/settings/traits", labelKey: "settings:pages.traits", group: "members" },
  { to: "/settings/retention", labelKey: "settings:pages.retention", group: "data", isForAdmins: true },
  { to: "/settings/audit", labelKey: "settings:pages.audit", group: "data", isForAdmins: true },
  { to: "/settings/health", labelKey: "settings:pages.health", group: "data" },
];
