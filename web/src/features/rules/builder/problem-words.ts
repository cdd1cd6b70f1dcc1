// @messages rules
import type { FieldProblem } from "@/lib/api";
import type { Translate } from "../sentence/words";

type Bilingual = NonNullable<FieldProblem["words"]>;

/** What the server's parser says of rules, and our words for it. What is not known here is shown as the server said it. */
const KNOWN: [RegExp, string][] = [
  [/^is missing$/, "missing"],
  [/^must have 1 to 200 bytes/, "length"],
  [/^must be a text$/, "text"],
  [/^must be a text, a number or a boolean$/, "scalar"],
  [/^must be a number$/, "number"],
  [/^must be a list/, "list"],
  [/^must be an object/, "object"],
  [/^must be true or false/, "boolean"],
  [/^must have exactly one of/, "kind"],
  [/^is not known here/, "unknownField"],
  [/^is not one of/, "operator"],
  [/is not a positive ISO 8601 duration|must be an ISO 8601 duration/, "period"],
  [/^is empty; a rule needs/, "emptyGroup"],
  [/^is empty, so nothing/, "emptyList"],
  [/^has more than 50 filters/, "manyFilters"],
  [/^has more than 10,000 values/, "manyValues"],
  [/^may hold texts, numbers and booleans/, "listOf"],
  [/^must have 2 to \d+ events/, "steps"],
  [/^may not stand inside another/, "beenInside"],
  [/^may have only one of/, "oneMeasure"],
  [/^is beyond the limits/, "tooComplex"],
  [/^holds for nobody: a number of events/, "impossibleCount"],
  [/^contradicts /, "contradicts"],
  [/would depend on itself$/, "cycle"],
  [/^a stage may not depend on stages/, "stageCycle"],
  [/^there is no (segment|stage|group)/, "unknownReference"],
  [/^is not the id of a/, "notAnId"],
];

/** In our own words, else in those of the server for the reader's language, else as the server said it in English. */
export function problemText(t: Translate, problem: FieldProblem, serverWords?: (words: Bilingual) => string): string {
  if (problem.code === "contradicted") return t("problem.contradicted");
  const known = KNOWN.find(([shape]) => shape.test(problem.message));
  if (known) return t(`problem.${known[1]}`);
  return problem.words && serverWords ? serverWords(problem.words) : problem.message;
}
