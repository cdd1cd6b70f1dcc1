export { RetentionPage } from "./RetentionPage";
