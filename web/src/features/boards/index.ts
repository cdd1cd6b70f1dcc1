export { BoardsPage } from "./BoardsPage";
export { BoardPage } from "./BoardPage";
