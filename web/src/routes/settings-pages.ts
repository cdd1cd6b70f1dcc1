import type { SettingsEntry } from "@/features/settings";

/** The pages below Settings, in their order. */
export const settingsPages: SettingsEntry[] = [
  { to: "/settings/workspace", labelKey: "pages.workspace" },
  { to: "/settings/users", labelKey: "pages.users" },
  { to: "/settings/keys", labelKey: "pages.keys" },
  { to: "/settings/account", labelKey: "pages.account" },
];
