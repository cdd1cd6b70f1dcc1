import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { conditionsOf, textOf as textOfPhrase, useEventTitle, useWords } from "@/features/rules";
import { useFormats } from "@/lib/format";
import type { Choices } from "./choices";
import { readPeriod } from "./document/periods";
import { entryKind, isObject, listOf, numberOf, objectOf, textOf, waitKind, type JourneyDocument, type Json, type JsonObject, type Step } from "./document/types";
import type { Way } from "./document/ways";

export interface StepWords {
  /** The step as one calls it: its title, else what it does. */
  title: (name: string, step: Step | undefined) => string;
  /** What it does, in a line. */
  summary: (step: Step) => string;
  /** What stands below its title on the canvas: what the title does not say, and the name that it goes by in data and reports. */
  detail: (name: string, step: Step) => string;
  /** The way out, in a word or two. */
  way: (step: Step, way: Way) => string;
  entry: (document: JourneyDocument) => { title: string; summary: string };
  happening: (happening: JsonObject) => string;
  period: (text: string) => string;
  channel: (word: string) => string;
  template: (step: Step) => string;
  segment: (id: string) => string;
}

/** Puts steps into words of the reader's language. `document` lets the cases of its branches be told in words, not only by number. */
export function useStepWords(choices: Choices, document?: JourneyDocument): StepWords {
  const { t } = useTranslation("journeys");
  const formats = useFormats();
  const rules = useMemo(() => (document ? rulesOf(document) : []), [document]);
  const ruleWords = useWords(rules);
  const eventTitle = useEventTitle();
  const hasRules = document !== undefined;
  return useMemo(() => {
    const segment = (id: string) => choices.segments.get(id)?.name ?? (id || t("words.notChosen"));
    const list = (items: Json[]) => items.map((item) => textOf(item)).join(t("words.comma"));

    function period(text: string): string {
      const found = readPeriod(text);
      if (!found) return text || t("words.notSet");
      return t(`period.${found.unit}`, { count: found.amount });
    }

    /** "3 days before", "2 hours after". */
    function shift(text: string): string {
      const found = readPeriod(text);
      if (!found || found.amount === 0) return found ? t("words.onTheDay") : text;
      return t(found.isBefore ? "words.before" : "words.after", { period: t(`period.${found.unit}`, { count: found.amount }) });
    }

    function happening(one: JsonObject): string {
      if ("segment" in one) return t("words.enters", { segment: segment(textOf(one.segment)) });
      if ("segment_left" in one) return t("words.leaves", { segment: segment(textOf(one.segment_left)) });
      const name = eventTitle(textOf(one.event)) || t("words.notChosen");
      return listOf(one.where).length > 0 ? t("words.eventWhere", { event: name, count: listOf(one.where).length }) : t("words.event", { event: name });
    }

    function wait(step: Step): string {
      switch (waitKind(step)) {
        case "for":
          return t("words.waitFor", { period: period(textOf(step.for)) });
        case "until":
          if (isObject(step.until)) return t("words.waitTrait", { trait: textOf(step.until.trait) || t("words.notChosen"), shift: shift(textOf(step.until.offset) || "P0D") });
          return t("words.waitUntil", { time: isMoment(step.until) ? formats.time(textOf(step.until)) : t("words.notSet") });
        case "window": {
          const window = objectOf(step.window);
          const days = listOf(window.days).map((day) => t(`weekday.${textOf(day)}`));
          const hours = textOf(window.from) ? t("words.hours", { from: textOf(window.from), to: textOf(window.to) }) : "";
          return t("words.waitWindow", { window: [days.join(t("words.comma")), hours].filter(Boolean).join(" ") || t("words.notSet") });
        }
        case "event":
          return t("words.waitEvent", { event: eventTitle(isObject(step.event) ? textOf(step.event.event) : textOf(step.event)) || t("words.notChosen") });
        case "segment":
          return t("words.waitSegment", { segment: segment(textOf(step.segment)) });
        default:
          return t("words.notSet");
      }
    }

    function summary(step: Step): string {
      switch (step.type) {
        case "wait":
          return wait(step);
        case "branch":
          return t("words.branch", { count: listOf(step.cases).length });
        case "split":
          return listOf(step.ways).map((one) => formats.percent(numberOf(objectOf(one).share) ?? 0)).join(" / ");
        case "holdout":
          return t("words.holdout", { share: formats.percent(numberOf(step.share) ?? 0) });
        case "send":
          return t("words.send", { template: template(step), channel: channel(textOf(step.channel)) });
        case "tag":
          return [
            listOf(step.add).length > 0 ? t("words.tagAdd", { tags: list(listOf(step.add)) }) : "",
            listOf(step.remove).length > 0 ? t("words.tagRemove", { tags: list(listOf(step.remove)) }) : "",
          ].filter(Boolean).join(t("words.semicolon")) || t("words.notChosen");
        case "set":
          return Object.entries(objectOf(step.traits)).map(([name, value]) => (value === null ? t("words.clear", { trait: name }) : `${name} = ${shown(value)}`)).join(t("words.semicolon")) || t("words.notChosen");
        case "webhook":
          return t("words.webhook", { channel: channel(textOf(step.channel) || "webhook") });
        case "task":
          return textOf(step.due) ? t("words.taskDue", { title: textOf(step.title) || t("words.noTitle"), period: period(textOf(step.due)) }) : textOf(step.title) || t("words.noTitle");
        case "exit":
          return t("words.exit");
        default:
          return t("words.unknown", { type: step.type || "?" });
      }
    }

    /** A step without a title is called by what it does. */
    function brief(step: Step): string {
      switch (step.type) {
        case "wait":
          return waitKind(step) === "for" ? t("brief.wait", { period: period(textOf(step.for)) }) : wait(step);
        case "send":
          return textOf(step.template) ? t("brief.send", { template: template(step) }) : t("stepType.send");
        case "holdout":
        case "tag":
        case "set":
        case "webhook":
          return summary(step) === t("words.notChosen") ? t(`stepType.${step.type}`) : summary(step);
        default:
          return t(`stepType.${step.type || "unknown"}`, { defaultValue: t("stepType.unknown") });
      }
    }

    function detail(name: string, step: Step): string {
      const hint = isPlain(name, step) ? "" : name;
      if (step.type === "task") return textOf(step.due) ? t("brief.due", { period: period(textOf(step.due)) }) : hint;
      if (textOf(step.title)) return summary(step);
      const rest = step.type === "send" ? channel(textOf(step.channel)) : brief(step) === summary(step) || step.type === "wait" ? "" : summary(step);
      return [rest, hint].filter(Boolean).join(" · ");
    }

    function template(step: Step): string {
      const id = textOf(step.template);
      return choices.templates.get(id)?.name ?? (id || t("words.noTemplate"));
    }

    function channel(word: string): string {
      if (!word) return t("words.notChosen");
      const found = choices.channels.find((one) => one.id === word);
      return found?.name ?? (["email", "webhook"].includes(word) ? t(`channelKind.${word}`) : word);
    }

    function way(step: Step, one: Way): string {
      switch (one.kind) {
        case "case":
          return (hasRules && caseText(step, one.index)) || t("way.case", { number: one.index + 1 });
        case "way":
          return t("way.way", { letter: String.fromCharCode(65 + (one.index % 26)), share: formats.percent(numberOf(objectOf(listOf(step.ways)[one.index]).share) ?? 0) });
        case "outcome":
          return one.word;
        case "next":
          return step.type === "wait" ? t("way.happened") : step.type === "webhook" && step.timeout ? t("way.answered") : step.type === "holdout" ? t("way.goesOn") : step.type === "task" ? t("way.done") : t("way.next");
        default:
          return t(`way.${one.kind}`);
      }
    }

    function caseText(step: Step, index: number): string {
      const { when } = objectOf(listOf(step.cases)[index]);
      return isObject(when) && Object.keys(when).length > 0 ? textOfPhrase(conditionsOf(ruleWords, when)) : "";
    }

    function entry(document: JourneyDocument): { title: string; summary: string } {
      const kind = entryKind(document);
      const given = objectOf(document.settings.entry);
      if (kind === null) return { title: t("entry.title"), summary: t("words.notSet") };
      const title = t(`entryKind.${kind}`);
      if (kind === "date") {
        const date = objectOf(given.date);
        return { title, summary: t(date.every === "year" ? "words.dateYearly" : "words.dateOnce", { trait: textOf(date.trait) || t("words.notChosen"), shift: shift(textOf(date.offset) || "P0D"), at: textOf(date.at) || "00:00" }) };
      }
      if (kind === "schedule") return { title, summary: schedule(objectOf(given.schedule)) };
      if (kind === "manual" || kind === "import") return { title, summary: t(`words.${kind}`) };
      return { title, summary: happening(given) };
    }

    function schedule(given: JsonObject): string {
      const on = listOf(given.on);
      const at = textOf(given.at) || "00:00";
      const every = textOf(given.every);
      const days = every === "week" ? on.map((day) => t(`weekday.${textOf(day)}`)) : on.map((day) => (day === -1 ? t("words.lastDay") : t("words.dayOfMonth", { day: String(day) })));
      if (every === "week") return t("words.weekly", { days: days.join(t("words.comma")) || t("weekday.mon"), at });
      if (every === "month") return t("words.monthly", { days: days.join(t("words.comma")) || t("words.dayOfMonth", { day: "1" }), at });
      return t("words.daily", { at });
    }

    return {
      title: (_, step) => (step ? textOf(step.title) || brief(step) : t("stepType.unknown")),
      summary,
      detail,
      way,
      entry,
      happening,
      period,
      channel,
      template,
      segment,
    };
  }, [t, formats, choices, ruleWords, hasRules, eventTitle]);
}

function rulesOf(document: JourneyDocument): JsonObject[] {
  return Object.values(document.steps).flatMap((step) => (step.type === "branch" ? listOf(step.cases).map((one) => objectOf(objectOf(one).when)) : []));
}

/** Whether a name is only the one that the canvas gave: `send_1`. Others were chosen, and one may look for them. */
function isPlain(name: string, step: Step): boolean {
  return name.startsWith(`${step.type}_`) && /^\d+$/.test(name.slice(step.type.length + 1));
}

function isMoment(value: Json | undefined): boolean {
  return typeof value === "string" && !Number.isNaN(Date.parse(value));
}

function shown(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
