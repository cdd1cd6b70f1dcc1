export { SqlPage } from "./SqlPage";
