export { AccountPage } from "./AccountPage";
export { SettingsLayout, type SettingsEntry } from "./SettingsLayout";
export { WorkspacePage } from "./WorkspacePage";
