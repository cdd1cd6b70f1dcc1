export { LoginPage } from "./LoginPage";
export { RenewDialog } from "./RenewDialog";
export { SetupPage } from "./SetupPage";
