import { PROPERTY_MEASURES, type EventFilter, type Kind, type Questions } from "../api/types";

type AnyQuestion = { [K in Kind]: { kind: K; question: Questions[K] } }[Kind];

/** Whether a measure is one of a property. */
export function needsProperty(measure: string): boolean {
  return (PROPERTY_MEASURES as readonly string[]).includes(measure);
}

/** The fields without which a question cannot be asked, by their paths in the body. */
export function missingIn<K extends Kind>(kind: K, question: Questions[K]): string[] {
  const asked = { kind, question } as unknown as AnyQuestion;
  switch (asked.kind) {
    case "funnel": {
      const { steps, exclude = [] } = asked.question;
      const unnamed = [...steps.map((step, at) => ({ event: step.event, path: `steps[${at}].event` })), ...exclude.map((one, at) => ({ event: one.event, path: `exclude[${at}].event` }))];
      return steps.length === 0 ? ["steps"] : unnamed.filter(({ event }) => event === "").map(({ path }) => path);
    }
    case "retention":
      return ends(asked.question, ["start", "return"]);
    case "trend":
      return asked.question.series.length === 0
        ? ["series"]
        : [
            ...asked.question.series.flatMap((one, at) => [
              ...(one.event === "" ? [`series[${at}].event`] : []),
              ...(needsProperty(one.measure) && !one.property ? [`series[${at}].property`] : []),
            ]),
            ...(asked.question.formulas ?? []).flatMap((one, at) => (one.expression.trim() ? [] : [`formulas[${at}].expression`])),
          ];
    case "path":
      return asked.question.anchor && !asked.question.anchor.event ? ["anchor.event"] : [];
    case "distribution": {
      const { event, measure = "count", property } = asked.question;
      return [...(event === "" || event === undefined ? ["event"] : []), ...(["sum", "avg"].includes(measure) && !property ? ["property"] : [])];
    }
    case "interval":
      return ends(asked.question, ["first", "then"]);
    case "lifecycle":
      return [];
    case "attribution": {
      const { conversion, touches, touch_by } = asked.question;
      const noTouch = !touch_by && (touches ?? []).length === 0;
      return [...(conversion.event ? [] : ["conversion.event"]), ...(noTouch ? ["touches"] : []), ...(touches ?? []).flatMap((one, at) => (one.event === "" ? [`touches[${at}].event`] : []))];
    }
  }
}

function ends<Name extends string>(question: Record<Name, EventFilter>, names: readonly Name[]): string[] {
  return names.filter((name) => question[name].event === "").map((name) => `${name}.event`);
}
