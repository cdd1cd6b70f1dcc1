export { NotFound } from "./NotFound";
export { Shell } from "./Shell";
export type { NavigationEntry, SearchHit, Searcher } from "./entries";
