export { homeQuery } from "./api";
export { HomePage } from "./HomePage";
