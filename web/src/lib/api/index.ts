export { api, got, type Schemas } from "./client";
export { ask } from "./early";
export { asProblem, isAborted, isMissing, Problem, type FieldProblem } from "./problem";
export { makeQueryClient, useCursorList, type CursorList, type FetchPage, type ListPage } from "./query";
export { renewal } from "./renewal";
export { ask, isNotThere } from "./unlisted";
