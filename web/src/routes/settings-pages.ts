import type { SettingsEntry } from "@/features/settings";

/** The pages below Settings, in their order. */
export const settingsPages: SettingsEntry[] = [
  { to: "/settings/workspace", labelKey: "settings:pages.workspace" },
  { to: "/settings/users", labelKey: "settings:pages.users" },
  { to: "/settings/keys", labelKey: "settings:pages.keys" },
  { to: "/settings/account", labelKey: "settings:pages.account" },
];
