export { TopicsPage } from "./TopicsPage";
