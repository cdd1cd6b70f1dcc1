export { api, got, type Schemas } from "./client";
export { asProblem, isAborted, Problem, type FieldProblem } from "./problem";
export { makeQueryClient, useCursorList, type CursorList, type FetchPage, type ListPage } from "./query";
export { renewal } from "./renewal";
export { ask, isNotThere } from "./unlisted";
export type { Written } from "./written";
