export { GoalsPage } from "./GoalsPage";
