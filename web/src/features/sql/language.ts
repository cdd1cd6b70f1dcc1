import { StreamLanguage, type StringStream } from "@codemirror/language";

const KEYWORDS = new Set(
  (
    "all and any as asc between by case cast cross current_date current_timestamp date day desc distinct else end except exists explain " +
    "extract false filter first following for from full group grouping having hour ilike in inner intersect interval into is join last " +
    "lateral left like limit month natural not null nulls offset on or order outer over partition preceding range right row rows select " +
    "sets similar some table then time timestamp to true unbounded union unnest using values week when where window with within year"
  ).split(" "),
);

interface State {
  /** What is open across lines. */
  open: null | "comment" | "text" | "name";
}

/** Reads on to the end of what is open; a quote that is written twice stands for itself. */
function readOn(stream: StringStream, state: State): string {
  const end = state.open === "comment" ? "*/" : state.open === "text" ? "'" : '"';
  const style = state.open === "comment" ? "comment" : state.open === "text" ? "string" : "propertyName";
  while (!stream.eol()) {
    if (!stream.match(end)) {
      stream.next();
      continue;
    }
    if (state.open !== "comment" && stream.match(end)) continue;
    state.open = null;
    break;
  }
  return style;
}

/** SQL in colours. Only its words: what is valid is for the server to say. */
export const sql = StreamLanguage.define<State>({
  name: "sql",
  startState: () => ({ open: null }),
  copyState: (state) => ({ ...state }),
  token(stream, state) {
    if (state.open) return readOn(stream, state);
    if (stream.eatSpace()) return null;
    if (stream.match("--")) {
      stream.skipToEnd();
      return "comment";
    }
    for (const [sign, open] of [["/*", "comment"], ["'", "text"], ['"', "name"]] as const) {
      if (!stream.match(sign)) continue;
      state.open = open;
      return readOn(stream, state);
    }
    if (stream.match(/^\d+(\.\d+)?([eE][+-]?\d+)?/)) return "number";
    const word = stream.match(/^[\p{L}_][\p{L}\p{N}_]*/u);
    if (word && word !== true) {
      if (KEYWORDS.has(word[0].toLowerCase())) return "keyword";
      return stream.peek() === "(" ? "typeName" : null;
    }
    stream.next();
    return null;
  },
  languageData: { commentTokens: { line: "--" }, closeBrackets: { brackets: ["(", "'", '"'] } },
});
