/**
 * What the columns of a file mean, as the wizard holds it: one or more uses of each column, and what holds for the whole file.
 * The API knows the same as a flat list of `name = value` (see the server's `imports/map.rs`).
 */
export type ImportKind = "members" | "events";

/** How a cell becomes a value. `date` and `number` may name their form, such as `d/m/y` or `comma`. */
export interface CellType {
  type: "text" | "number" | "bool" | "auto" | "json" | "date";
  form?: string;
}

/** What a column is used for. `value` is a trait of a member, or a property of an event. */
export type Target =
  | { to: "user_id" | "anonymous_id" | "email" | "phone" | "event" | "timestamp" | "message_id" | "tags" }
  | { to: "identity"; kind: string }
  | { to: "value"; name: string; cell: CellType };

export interface Use {
  column: string;
  target: Target;
}

/** What the operator states of a column that says who agreed to what. */
export interface ConsentUse {
  column: string;
  channel: string;
  purpose: string;
  yes: string[];
  no: string[];
  /** The column with the days, or `=` and one day. */
  givenAt: string;
  withdrawnAt: string;
  proof: string;
}

export interface Draft {
  kind: ImportKind;
  uses: Use[];
  /** The same for all rows, such as the name of the event. */
  constants: Record<string, string>;
  addTags: string[];
  consents: ConsentUse[];
  /** Everything else, as the API has it: how to read the file, time zone, separators. */
  rest: Record<string, string>;
}

const SINGLE = ["user_id", "anonymous_id", "email", "phone", "event", "timestamp", "message_id", "tags"] as const;
type Single = (typeof SINGLE)[number];
const isSingle = (name: string): name is Single => (SINGLE as readonly string[]).includes(name);

const TYPED = /^([\s\S]*):(text|number|bool|auto|json|date)(?:\(([^()]*)\))?$/;

function readTyped(value: string): { column: string; cell: CellType } {
  const match = TYPED.exec(value);
  if (!match) return { column: value, cell: { type: "text" } };
  const [, column = "", type, form] = match;
  if (form !== undefined && type !== "date" && type !== "number") return { column: value, cell: { type: "text" } };
  return { column, cell: form ? { type: type as CellType["type"], form } : { type: type as CellType["type"] } };
}

function printTyped(column: string, cell: CellType): string {
  // A name may end like a type, so that the type has to be said.
  if (cell.type === "text") return TYPED.test(column) || column.includes(":") ? `${column}:text` : column;
  return cell.form ? `${column}:${cell.type}(${cell.form})` : `${column}:${cell.type}`;
}

/** Reads a mapping of the API, as a file's suggestion or a saved mapping has it. */
export function readMapping(mapping: Readonly<Record<string, unknown>>, kind?: ImportKind): Draft {
  const entries = Object.entries(mapping).map(([name, value]) => [name, String(value)] as const);
  const found = kind ?? (mapping.kind === "events" ? "events" : "members");
  const draft: Draft = { kind: found, uses: [], constants: {}, addTags: [], consents: [], rest: {} };
  const consents = new Map<string, Map<string, string[]>>();
  const prefix = found === "events" ? "properties." : "traits.";
  for (const [name, value] of entries) {
    if (name === "kind") continue;
    const consent = /^consents\.(\d+)\.(\w+)(?:\.\d+)?$/.exec(name);
    if (consent) {
      const [, number = "", field = ""] = consent;
      const fields = consents.get(number) ?? new Map<string, string[]>();
      fields.set(field, [...(fields.get(field) ?? []), value]);
      consents.set(number, fields);
    } else if (/^add_tags(\.\d+)?$/.test(name)) draft.addTags.push(value);
    else if (isSingle(name)) {
      if (value.startsWith("=")) draft.constants[name] = value.slice(1);
      else draft.uses.push({ column: value, target: { to: name } });
    } else if (name.startsWith("identities.")) draft.uses.push({ column: value, target: { to: "identity", kind: name.slice("identities.".length) } });
    else if (name.startsWith(prefix)) {
      const { column, cell } = readTyped(value);
      if (column.startsWith("=")) draft.rest[name] = value;
      else draft.uses.push({ column, target: { to: "value", name: name.slice(prefix.length), cell } });
    } else draft.rest[name] = value;
  }
  for (const fields of consents.values()) {
    const one = (field: string) => fields.get(field)?.[0] ?? "";
    draft.consents.push({
      column: one("column"), channel: one("channel"), purpose: one("purpose"), yes: fields.get("yes") ?? [], no: fields.get("no") ?? [],
      givenAt: one("given_at"), withdrawnAt: one("withdrawn_at"), proof: one("proof"),
    });
  }
  return draft;
}

/** Writes the draft as the API wants it. */
export function printMapping(draft: Draft): Record<string, string> {
  const mapping: Record<string, string> = { kind: draft.kind };
  const prefix = draft.kind === "events" ? "properties." : "traits.";
  for (const [name, value] of Object.entries(draft.constants)) if (value !== "") mapping[name] = `=${value}`;
  for (const { column, target } of draft.uses) {
    if (target.to === "identity") mapping[`identities.${target.kind}`] = column;
    else if (target.to === "value") mapping[prefix + target.name] = printTyped(column, target.cell);
    else mapping[target.to] = column;
  }
  draft.addTags.forEach((tag, index) => (mapping[`add_tags.${index + 1}`] = tag));
  draft.consents.forEach((consent, index) => {
    const at = `consents.${index + 1}`;
    mapping[`${at}.channel`] = consent.channel;
    mapping[`${at}.purpose`] = consent.purpose;
    mapping[`${at}.column`] = consent.column;
    consent.yes.forEach((word, place) => (mapping[`${at}.yes.${place + 1}`] = word));
    consent.no.forEach((word, place) => (mapping[`${at}.no.${place + 1}`] = word));
    if (consent.givenAt) mapping[`${at}.given_at`] = consent.givenAt;
    if (consent.withdrawnAt) mapping[`${at}.withdrawn_at`] = consent.withdrawnAt;
    if (consent.proof.trim()) mapping[`${at}.proof`] = consent.proof;
  });
  return { ...draft.rest, ...mapping };
}

/** A mapping's entries under the names that two uses cannot share: of two columns for one thing only one would be read. */
export function targetKey(target: Target): string {
  if (target.to === "identity") return `identity ${target.kind}`;
  return target.to === "value" ? `value ${target.name}` : target.to;
}

/** What stands in the way of trying the mapping out. */
export interface Fault {
  code: "no_identity" | "no_event" | "twice" | "no_name" | "consent_unfinished";
  column?: string;
}

export function faultsOf(draft: Draft): Fault[] {
  const faults: Fault[] = [];
  const names = draft.uses.map((use) => use.target.to);
  const isNamed = names.some((to) => to === "user_id" || to === "anonymous_id" || to === "identity") || draft.constants.user_id || draft.constants.anonymous_id;
  if (!isNamed) faults.push({ code: "no_identity" });
  if (draft.kind === "events" && !names.includes("event") && !draft.constants.event) faults.push({ code: "no_event" });
  const seen = new Set<string>();
  for (const { column, target } of draft.uses) {
    if (target.to === "value" && target.name.trim() === "") faults.push({ code: "no_name", column });
    const key = targetKey(target);
    if (seen.has(key)) faults.push({ code: "twice", column });
    seen.add(key);
  }
  for (const consent of draft.consents) {
    if (!consent.channel || !consent.purpose || consent.yes.length === 0 || !consent.givenAt || !consent.proof.trim()) faults.push({ code: "consent_unfinished", column: consent.column });
  }
  return faults;
}

/** The draft for the other kind of file: a trait becomes a property, and what only one kind knows becomes a plain value. */
export function ofKind(draft: Draft, kind: ImportKind): Draft {
  if (draft.kind === kind) return draft;
  const other: readonly string[] = kind === "events" ? ["email", "phone"] : ["event", "timestamp"];
  const uses = draft.uses.map((use): Use => (other.includes(use.target.to) ? { column: use.column, target: { to: "value", name: use.target.to, cell: { type: "text" } } } : use));
  const constants = { ...draft.constants };
  if (kind === "events") constants.event ??= "";
  else delete constants.event;
  return { ...draft, kind, uses, constants };
}

/** Sets what a column is used for; its other uses stay. `null` at the end of the list adds one. */
export function withUse(draft: Draft, column: string, place: number, target: Target | null): Draft {
  const ofColumn = draft.uses.filter((use) => use.column === column);
  const changed = target ? ofColumn.toSpliced(place, place < ofColumn.length ? 1 : 0, { column, target }) : ofColumn.toSpliced(place, 1);
  const first = draft.uses.findIndex((use) => use.column === column);
  const others = draft.uses.filter((use) => use.column !== column);
  const at = first < 0 ? others.length : draft.uses.slice(0, first).filter((use) => use.column !== column).length;
  return { ...draft, uses: others.toSpliced(at, 0, ...changed) };
}
