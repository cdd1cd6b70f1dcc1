export { NotFound } from "./NotFound";
export { Shell } from "./Shell";
export type { NavigationEntry, PageEntry } from "./entries";
