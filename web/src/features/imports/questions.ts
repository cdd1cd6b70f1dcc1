import type { Schemas } from "@/lib/api";
import { withUse, type CellType, type Draft } from "./mapping";

export type Question = Schemas["Question"];
export type Column = Schemas["Column"];

/** A way to answer a question, with the form that it chooses, such as `d/m/y`. */
export interface Answer {
  key: string;
  form?: string;
  apply: (draft: Draft) => Draft;
}

/** The use of a column as a trait or property, and its place among the column's uses. */
function valueOf(draft: Draft, column: string) {
  const uses = draft.uses.filter((use) => use.column === column);
  const place = uses.findIndex((use) => use.target.to === "value");
  const target = uses[place]?.target;
  return target?.to === "value" ? { place, target } : null;
}

export function cellOf(draft: Draft, column: string): CellType | null {
  return valueOf(draft, column)?.target.cell ?? null;
}

function withCell(draft: Draft, column: string, cell: CellType): Draft {
  const found = valueOf(draft, column);
  return found ? withUse(draft, column, found.place, { ...found.target, cell }) : draft;
}

const asCell = (column: string, cell: CellType) => (draft: Draft) => withCell(draft, column, cell);

/** The answers that a question can be given with one click; none where the mapping beside it is the answer. */
export function answersTo(question: Question, column: Column | undefined): Answer[] {
  const name = question.column ?? "";
  switch (question.code) {
    case "not_all_are_numbers":
      return [
        { key: "keep_text", apply: asCell(name, { type: "text" }) },
        { key: "reject_others", apply: asCell(name, { type: "number" }) },
      ];
    case "some_cells_do_not_fit":
      return [
        { key: "reject_others", apply: asCell(name, column?.date_format ? { type: "date", form: column.date_format } : { type: "date" }) },
        { key: "keep_text", apply: asCell(name, { type: "text" }) },
      ];
    case "ambiguous_dates":
      return (column?.ambiguous_dates ?? []).map((form) => ({ key: "date", form, apply: (draft) => (valueOf(draft, name) ? withCell(draft, name, { type: "date", form }) : { ...draft, rest: { ...draft.rest, timestamp_format: form } }) }));
    case "ambiguous_numbers":
      return ["point", "comma"].map((form) => ({ key: form, form, apply: asCell(name, { type: "number", form }) }));
    case "percentages":
      return [
        { key: "as_share", apply: asCell(name, { type: "number" }) },
        { key: "keep_text", apply: asCell(name, { type: "text" }) },
      ];
    case "several_separators":
      return [...(column?.separators ?? []), "any"].map((form) => ({ key: form, form, apply: (draft) => ({ ...draft, rest: { ...draft.rest, tags_separator: form } }) }));
    case "may_be_consent":
      return [
        { key: "only_trait", apply: (draft) => ({ ...draft, consents: draft.consents.filter((one) => one.column !== name) }) },
        { key: "is_consent", apply: (draft) => withConsent(draft, name) },
      ];
    default:
      return [];
  }
}

function withConsent(draft: Draft, column: string): Draft {
  if (draft.consents.some((one) => one.column === column)) return draft;
  const blank = { column, channel: "email", purpose: "marketing", yes: [], no: [], givenAt: "", withdrawnAt: "", proof: "" };
  return { ...draft, consents: [...draft.consents, blank] };
}

/** Which of its answers the draft gives already. */
export function givenAnswer(question: Question, answers: readonly Answer[], draft: Draft): string | null {
  const name = question.column ?? "";
  const cell = cellOf(draft, name);
  switch (question.code) {
    case "several_separators":
      return draft.rest.tags_separator ?? null;
    case "may_be_consent":
      return draft.consents.some((one) => one.column === name) ? "is_consent" : null;
    case "ambiguous_dates": {
      const form = cell ? (cell.type === "date" ? cell.form : undefined) : draft.rest.timestamp_format;
      return answers.find((answer) => answer.form === form)?.form ?? null;
    }
    case "ambiguous_numbers":
      return cell?.type === "number" ? (cell.form ?? null) : null;
    case "not_all_are_numbers":
      return cell?.type === "number" ? "reject_others" : null;
    case "some_cells_do_not_fit":
      return cell?.type === "text" ? "keep_text" : null;
    case "percentages":
      return cell?.type === "text" ? "keep_text" : null;
    default:
      return null;
  }
}

/** Questions without whose answer the server imports nothing. */
const MUST = new Set(["ambiguous_dates", "ambiguous_numbers", "several_separators", "user_id_is_missing"]);

/** Whether a question still holds the import up. */
export function isOpen(question: Question, column: Column | undefined, draft: Draft): boolean {
  if (!MUST.has(question.code)) return false;
  if (question.code === "user_id_is_missing") return !draft.uses.some(({ target }) => target.to === "user_id" || target.to === "anonymous_id" || target.to === "identity");
  const isUsed = draft.uses.some((use) => use.column === question.column);
  if (!isUsed) return false;
  const cell = cellOf(draft, question.column ?? "");
  // As texts they mean only themselves.
  if (cell?.type === "text" && question.code !== "several_separators") return false;
  return givenAnswer(question, answersTo(question, column), draft) === null;
}
