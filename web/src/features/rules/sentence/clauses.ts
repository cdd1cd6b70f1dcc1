// @messages rules
import type { GroupKind } from "../model/grammar";
import type { RuleNode } from "../model/tree";
import { clauseOf, type Clause } from "./conditions";
import { fill, plain, type Phrase } from "./pattern";
import { patternOf, type Words } from "./words";

/** The conditions of a group in one sentence. */
export function clausesPhrase(words: Words, kind: GroupKind, rules: RuleNode[]): Phrase {
  if (rules.length === 0) return plain("…");
  const clauses = rules.map((rule) => clauseOf(words, rule));
  const runs = runsOf(words, kind, clauses);
  return runs.reduce<Phrase>((sentence, run, index) => {
    const phrase = runPhrase(words, kind, run);
    return index === 0 ? phrase : fill(patternOf(words, "flow"), { a: sentence, b: phrase });
  }, []);
}

/**
 * English lets what members do follow on what they are without an "and": "members tagged “vip” and in 上海 | who ordered and
 * have not posted". Chinese has one row of clauses.
 */
function runsOf(words: Words, kind: GroupKind, clauses: Clause[]): Clause[][] {
  const at = clauses.findIndex((clause) => clause.class === "whose" || clause.class === "who");
  const flows = words.language === "en" && kind === "all" && at > 0;
  return flows ? [clauses.slice(0, at), clauses.slice(at)] : [clauses];
}

function runPhrase(words: Words, kind: GroupKind, clauses: Clause[]): Phrase {
  return clauses.reduce<Phrase>((sentence, clause, index) => {
    const before = clauses[index - 1];
    if (!before) return fill(patternOf(words, leadKey(clause)), { b: clause.phrase });
    const b = fill(patternOf(words, followKey(kind, before, clause)), { b: clause.phrase });
    const isLast = index === clauses.length - 1;
    return fill(patternOf(words, `join.${kind}.${isLast ? "last" : "middle"}`), { a: sentence, b });
  }, []);
}

function leadKey(clause: Clause): string {
  return `lead.${clause.class}`;
}

/**
 * How a clause follows on another: "who ordered and [who] have not posted", "whose age is 18 and [who are] in 上海". Between
 * alternatives nothing is left away, so that it is clear where each begins.
 */
function followKey(kind: GroupKind, before: Clause, clause: Clause): string {
  const follows = kind === "all" && before.class === "who";
  if (clause.class === "who" && follows) return "lead.bracket";
  if (clause.class === "state" && follows) return "lead.are";
  if (clause.class === "state" && before.class !== "state" && before.class !== "bracket") return "lead.whoAre";
  return leadKey(clause);
}
