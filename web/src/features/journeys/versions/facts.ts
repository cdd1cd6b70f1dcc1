// What a step or a journey's settings say, as their forms ask it: by label and in words. Two versions are compared by it, so
// that nobody has to read the document itself. @messages journeys

import type { TFunction } from "i18next";
import { isObject, listOf, numberOf, objectOf, textOf, waitKind, type JourneyDocument, type Json, type JsonObject, type Step } from "../document/types";
import { waysOf } from "../document/ways";
import type { StepWords } from "../words";

export interface Fact {
  /** What makes it the same fact in two versions. */
  key: string;
  label: string;
  text: string;
}

export interface FactWords {
  t: TFunction<"journeys">;
  /** Of the document that is told of. */
  words: StepWords;
  percent: (share: number) => string;
  topic: (topic: string) => string;
  /** A value of a trait or a property as its form shows it. */
  value: (value: Json | undefined) => string;
}

/** What is told of here, by the names of the document; the rest is told as it is. */
const TOLD: Record<string, readonly string[]> = {
  wait: ["for", "until", "window", "event", "where", "match", "segment", "timeout", "timeout_next"],
  branch: ["cases", "else"],
  split: ["ways"],
  holdout: ["share", "held"],
  send: ["channel", "template", "topic", "priority", "expires"],
  tag: ["add", "remove"],
  set: ["traits"],
  webhook: ["channel", "body", "traits", "timeout", "timeout_next"],
  task: ["note", "assignee", "due", "expired", "outcomes"],
};
const TOLD_OF_ALL = ["type", "title", "comment", "next"];
const TOLD_OF_SETTINGS = ["entry", "reentry", "key", "exit", "goal", "holdout", "start"];

function whereText({ t, value }: FactWords, where: Json | undefined): string {
  return listOf(where)
    .map(objectOf)
    .map((one) => [textOf(one.property), t(`operator.${textOf(one.op) || "eq"}`, { defaultValue: textOf(one.op) }), one.op === "exists" ? "" : value(one.value)].filter(Boolean).join(" "))
    .join(t("words.semicolon"));
}

function matchText({ t }: FactWords, match: Json | undefined): string {
  return listOf(match).map(objectOf).map((one) => `${textOf(one.property)} = ${textOf(one.entry)}`).join(t("words.semicolon"));
}

function pairs(with_: FactWords, given: Json | undefined): string {
  return Object.entries(objectOf(given)).map(([name, one]) => `${name} = ${with_.value(one)}`).join(with_.t("words.semicolon"));
}

export function factsOfStep(step: Step, document: JourneyDocument, with_: FactWords): Fact[] {
  const { t, words, percent, value } = with_;
  const facts: Fact[] = [];
  const say = (key: string, label: string, text: string) => text && facts.push({ key, label, text });
  const period = (given: Json | undefined) => (textOf(given) ? words.period(textOf(given)) : "");
  const list = (given: Json | undefined) => listOf(given).map(textOf).join(t("words.comma"));
  say("type", t("diff.type"), t(`stepType.${step.type}`, { defaultValue: t("stepType.unknown") }));
  say("title", step.type === "task" ? t("task.title") : t("panel.title"), textOf(step.title));
  switch (step.type) {
    case "wait": {
      const happening = isObject(step.event) ? step.event : step;
      say("wait", t("wait.kind"), waitKind(step) === "for" ? period(step.for) : words.summary(step));
      say("at", t("wait.at"), textOf(objectOf(step.until).at));
      say("where", t("panel.where"), whereText(with_, happening.where));
      say("match", t("wait.match"), matchText(with_, happening.match));
      say("timeout", t("wait.timeout"), period(step.timeout));
      break;
    }
    case "branch":
      waysOf(step).forEach((way) => way.kind === "case" && say(`when.${way.index}`, t("way.case", { number: way.index + 1 }), words.way(step, way)));
      break;
    case "split":
      listOf(step.ways).forEach((way, index) => say(`share.${index}`, t("split.share", { letter: String.fromCharCode(65 + (index % 26)) }), percent(numberOf(objectOf(way).share) ?? 0)));
      break;
    case "holdout":
      say("share", t("holdout.share"), percent(numberOf(step.share) ?? 0));
      break;
    case "send":
      say("channel", t("send.channel"), words.channel(textOf(step.channel)));
      say("template", t("send.template"), words.template(step));
      say("topic", t("send.topic"), with_.topic(textOf(step.topic) || "marketing"));
      say("priority", t("send.priority"), t(`priority.${textOf(step.priority) || "normal"}`, { defaultValue: textOf(step.priority) }));
      say("expires", t("send.expires"), period(step.expires));
      break;
    case "tag":
      say("add", t("tag.add"), list(step.add));
      say("remove", t("tag.remove"), list(step.remove));
      break;
    case "set":
      Object.entries(objectOf(step.traits)).forEach(([name, one]) => say(`trait.${name}`, name, one === null ? t("set.cleared") : value(one)));
      break;
    case "webhook":
      say("channel", t("webhook.channel"), words.channel(textOf(step.channel) || "webhook"));
      say("body", t("webhook.body"), isObject(step.body) ? JSON.stringify(step.body, null, 2) : "");
      say("traits", t("webhook.traits"), pairs(with_, step.traits));
      say("timeout", t("webhook.timeout"), period(step.timeout));
      break;
    case "task":
      say("note", t("task.note"), textOf(step.note));
      say("assignee", t("task.assignee"), textOf(step.assignee));
      say("due", t("task.due"), period(step.due));
      say("outcomes", t("task.outcomes"), Object.keys(objectOf(step.outcomes)).join(t("words.comma")));
      break;
  }
  const ways = waysOf(step);
  for (const way of ways) {
    const name = way.kind === "case" ? t("way.case", { number: way.index + 1 }) : words.way(step, way);
    const to = way.to === null ? t("panel.runEnds") : words.title(way.to, document.steps[way.to]);
    say(`to.${way.id}`, ways.length === 1 && way.kind === "next" ? t("way.next") : t("diff.leadsTo", { way: name }), to);
  }
  say("comment", t("panel.comment"), textOf(step.comment));
  facts.push(...others(step, [...TOLD_OF_ALL, ...(TOLD[step.type] ?? [])], with_));
  return facts;
}

export function factsOfSettings(document: JourneyDocument, with_: FactWords): Fact[] {
  const { t, words, percent } = with_;
  const facts: Fact[] = [];
  const say = (key: string, label: string, text: string) => text && facts.push({ key, label, text });
  const { settings } = document;
  const entry = objectOf(settings.entry);
  const schedule = objectOf(entry.schedule);
  const reentry = objectOf(settings.reentry);
  const goal = objectOf(settings.goal);
  const told = words.entry(document);
  const period = (given: Json | undefined) => (textOf(given) ? words.period(textOf(given)) : "");
  const happening = (one: JsonObject) => {
    const where = whereText(with_, one.where);
    // Conditions are told themselves, so they need no number.
    const name = words.happening(where ? { ...one, where: [] } : one);
    return where ? t("diff.having", { what: name, where }) : name;
  };
  say("start", t("settings.start"), document.start === null ? "" : words.title(document.start, document.steps[document.start]));
  say("entry", t("settings.entry"), `${told.title} · ${"event" in entry ? happening(entry) : told.summary}`);
  say("zone", t("entry.zone"), "schedule" in entry ? t(schedule.zone === "workspace" ? "entry.zoneWorkspace" : "entry.zoneMember") : "");
  say("segment", t("entry.onlySegment"), textOf(schedule.segment) && words.segment(textOf(schedule.segment)));
  say("reentry", t("settings.reentry"), t(`reentry.${textOf(reentry.policy) || "never"}`, { defaultValue: textOf(reentry.policy) }));
  say("cooldown", t("settings.cooldown"), period(reentry.cooldown));
  say("key", t("settings.key"), textOf(settings.key));
  listOf(settings.exit).forEach((one, index) => say(`exit.${index}`, t("settings.exit", { number: index + 1 }), happening(objectOf(one))));
  say("goal", t("diff.goal"), Object.keys(goal).length > 0 ? happening(goal) : "");
  say("within", t("settings.within"), period(goal.within));
  say("holdout", t("settings.holdout"), numberOf(settings.holdout) ? percent(numberOf(settings.holdout) ?? 0) : "");
  facts.push(...others(settings, TOLD_OF_SETTINGS, with_));
  return facts;
}

/** What no form asks: a document may have been written by hand, or by a newer Hearth. */
function others(object: Readonly<JsonObject>, told: readonly string[], { t, value }: FactWords): Fact[] {
  return Object.entries(object)
    .filter(([name, one]) => !told.includes(name) && one !== null)
    .map(([name, one]) => ({ key: `other.${name}`, label: t("diff.other", { name }), text: value(one) }));
}

export interface Changed {
  key: string;
  label: string;
  before: string | null;
  after: string | null;
}

/** The facts that are not the same in both, in their order. */
export function changedFacts(a: readonly Fact[], b: readonly Fact[]): Changed[] {
  const before = new Map(a.map((one) => [one.key, one]));
  const after = new Map(b.map((one) => [one.key, one]));
  const keys = [...new Set([...after.keys(), ...before.keys()])];
  return keys.flatMap((key) => {
    const [one, other] = [before.get(key), after.get(key)];
    if (one?.text === other?.text) return [];
    return [{ key, label: other?.label ?? one?.label ?? "", before: one?.text ?? null, after: other?.text ?? null }];
  });
}
