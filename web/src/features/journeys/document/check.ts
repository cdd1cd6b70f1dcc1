import { isPeriod } from "./periods";
import { entryKind, isObject, isStepType, listOf, numberOf, objectOf, textOf, waitKind, type JourneyDocument, type Json, type JsonObject, type Step } from "./types";
import { takesTime, waysOf } from "./ways";

export type Level = "error" | "warning";

/** Something that is wrong with the document, at a step (or none) and a field of it. */
export interface Trouble {
  step: string | null;
  field: string;
  level: Level;
  /** Of our own checks: a message of this app. */
  code?: TroubleCode;
  /** Of the server's: its words. */
  words?: { en: string; zh: string };
}

export type TroubleCode =
  | "missing" | "no_steps" | "no_start" | "no_entry" | "leads_nowhere" | "unknown_type" | "wait_kind" | "period" | "tags" | "traits" | "shares"
  | "share" | "cases" | "ways" | "cycle" | "unreachable" | "window" | "due" | "holdout_goal";

/** The obvious, at once and without the server, which has the last word. */
export function check(document: JourneyDocument): Trouble[] {
  const troubles: Trouble[] = [];
  const say = (step: string | null, field: string, code: TroubleCode, level: Level = "error") => troubles.push({ step, field, code, level });
  const names = Object.keys(document.steps);
  checkSettings(document, (field, code, level) => say(null, field, code, level));
  if (names.length === 0) say(null, "steps", "no_steps");
  else if (document.start === null || !(document.start in document.steps)) say(null, "start", "no_start");
  for (const [name, step] of Object.entries(document.steps)) {
    checkStep(step, (field, code, level) => say(name, field, code, level));
    for (const way of waysOf(step)) {
      if (way.to !== null && !(way.to in document.steps)) say(name, fieldOf(way.path), "leads_nowhere");
    }
  }
  const reached = reachedFrom(document);
  if (document.start !== null) {
    for (const name of names) if (!reached.has(name)) say(name, "", "unreachable", "warning");
  }
  for (const name of circles(document)) say(name, "", "cycle");
  return troubles;
}

/** `["cases", 0, "next"]` as the server writes it: `cases[0].next`. */
export function fieldOf(path: (string | number)[]): string {
  return path.map((part, index) => (typeof part === "number" ? `[${part}]` : index === 0 ? part : `.${part}`)).join("");
}

type Say = (field: string, code: TroubleCode, level?: Level) => void;

function checkSettings({ settings }: JourneyDocument, say: Say) {
  const kind = entryKind({ settings } as JourneyDocument);
  const entry = objectOf(settings.entry);
  if (kind === null) say("entry", "no_entry");
  else if (["event", "segment", "segment_left"].includes(kind) && !textOf(entry[kind])) say(`entry.${kind}`, "missing");
  else if (kind === "date" && !textOf(objectOf(entry.date).trait)) say("entry.date.trait", "missing");
  for (const field of ["event", "segment"]) {
    if (field in objectOf(settings.goal) && !textOf(objectOf(settings.goal)[field])) say(`goal.${field}`, "missing");
  }
  listOf(settings.exit).forEach((exit, index) => {
    for (const [field, value] of Object.entries(objectOf(exit))) {
      if (["event", "segment", "segment_left"].includes(field) && !textOf(value)) say(`exit[${index}].${field}`, "missing");
    }
  });
  if ((numberOf(settings.holdout) ?? 0) > 0 && !isObject(settings.goal)) say("goal", "holdout_goal", "warning");
}

function checkStep(step: Step, say: Say) {
  const need = (field: string) => textOf(step[field]) || say(field, "missing");
  const period = (field: string) => {
    if (typeof step[field] === "string" && !isPeriod(step[field])) say(field, "period");
  };
  if (!isStepType(step.type)) return say("type", "unknown_type");
  switch (step.type) {
    case "wait":
      checkWait(step, say);
      break;
    case "branch":
      if (listOf(step.cases).length === 0) say("cases", "cases");
      listOf(step.cases).forEach((one, index) => {
        if (isEmptyRule(objectOf(one).when)) say(`cases[${index}].when`, "missing");
      });
      break;
    case "split": {
      const shares = listOf(step.ways).map((one) => numberOf(objectOf(one).share) ?? 0);
      if (shares.length < 2) say("ways", "ways");
      else if (Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) > 1e-6) say("ways", "shares");
      break;
    }
    case "holdout": {
      const share = numberOf(step.share);
      if (share === null || share < 0 || share > 1) say("share", "share");
      break;
    }
    case "send":
      need("channel");
      need("template");
      period("expires");
      break;
    case "tag":
      if (listOf(step.add).length + listOf(step.remove).length === 0) say("add", "tags");
      break;
    case "set":
      if (Object.keys(objectOf(step.traits)).length === 0) say("traits", "traits");
      break;
    case "webhook":
      period("timeout");
      break;
    case "task":
      need("title");
      period("due");
      if (textOf(step.expired) && !textOf(step.due)) say("due", "due");
      break;
  }
}

function checkWait(step: Step, say: Say) {
  const kind = waitKind(step);
  if (kind === null) return say("for", "wait_kind");
  if (kind === "for" && !isPeriod(textOf(step.for))) say("for", textOf(step.for) ? "period" : "missing");
  if (kind === "segment" && !textOf(step.segment)) say("segment", "missing");
  if (kind === "event") {
    const name = isObject(step.event) ? textOf(step.event.event) : textOf(step.event);
    if (!name) say("event", "missing");
  }
  if (kind === "until") {
    if (isObject(step.until) && !textOf(step.until.trait)) say("until.trait", "missing");
    if (!isObject(step.until) && !textOf(step.until)) say("until", "missing");
  }
  if (kind === "window") {
    const window = objectOf(step.window);
    const [from, to] = [textOf(window.from), textOf(window.to)];
    const isOpen = from !== "" && to !== "" && (from !== to || from === "00:00");
    if (!isOpen && !(from === "" && to === "" && listOf(window.days).length > 0)) say("window", "window");
  }
  if (typeof step.timeout === "string" && !isPeriod(step.timeout)) say("timeout", "period");
}

export function isEmptyRule(rule: Json | undefined): boolean {
  return !isObject(rule) || Object.keys(rule as JsonObject).length === 0;
}

export function reachedFrom(document: JourneyDocument): Set<string> {
  const reached = new Set<string>();
  const ahead = document.start === null ? [] : [document.start];
  for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
    const step = document.steps[name];
    if (!step || reached.has(name)) continue;
    reached.add(name);
    for (const way of waysOf(step)) if (way.to !== null) ahead.push(way.to);
  }
  return reached;
}

/** One step of each circle in which no time passes. */
function circles(document: JourneyDocument): string[] {
  const found: string[] = [];
  const finished = new Set<string>();
  for (const start of Object.keys(document.steps)) {
    const path: string[] = [];
    const stack: { name: string; isLeaving: boolean }[] = [{ name: start, isLeaving: false }];
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      if (top.isLeaving) {
        path.pop();
        finished.add(top.name);
        continue;
      }
      if (path.includes(top.name)) {
        if (!found.includes(top.name)) found.push(top.name);
        continue;
      }
      const step = document.steps[top.name];
      if (!step || finished.has(top.name)) continue;
      path.push(top.name);
      stack.push({ name: top.name, isLeaving: true });
      if (takesTime(step)) continue;
      for (const way of waysOf(step)) if (way.to !== null) stack.push({ name: way.to, isLeaving: false });
    }
  }
  return found;
}
