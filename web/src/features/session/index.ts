import { lazy } from "react";

export { LoginPage } from "./LoginPage";
export { RenewDialog } from "./RenewDialog";
/** Apart, since it is used once, and has a list of all time zones. */
export const SetupPage = lazy(async () => ({ default: (await import("./SetupPage")).SetupPage }));
