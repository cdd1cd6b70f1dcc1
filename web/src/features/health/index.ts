export { HealthPage } from "./HealthPage";
