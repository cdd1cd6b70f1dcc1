export { StagesPage } from "./StagesPage";
