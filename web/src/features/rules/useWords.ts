import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useRuleWords } from "./api";
import type { RuleJson } from "./model/grammar";
import { childrenOf } from "./model/edit";
import { readRoot, type RuleNode } from "./model/tree";
import { KNOWN_PROPERTIES, KNOWN_TRAITS } from "./known-traits";
import type { RuleNames, Translate, Words } from "./sentence/words";

type NamedThing = "segment" | "group" | "stage" | "trait";

function kindsIn(node: RuleNode, into: Set<string>): Set<string> {
  into.add(node.kind);
  childrenOf(node).forEach((child) => kindsIn(child, into));
  return into;
}

/** The names of what a rule refers to by an id or a key; only what it refers to is asked for. */
export function useRuleNames(rules: readonly (RuleJson | null | undefined)[]): RuleNames {
  const text = JSON.stringify(rules);
  const kinds = useMemo(() => {
    const found = new Set<string>();
    for (const rule of JSON.parse(text) as (RuleJson | null)[]) kindsIn(readRoot(rule), found);
    return found;
  }, [text]);
  const segments = useRuleWords({ of: "segments" }, kinds.has("segment")).data;
  const groups = useRuleWords({ of: "groups" }, kinds.has("group")).data;
  const stages = useRuleWords({ of: "stages" }, kinds.has("stage")).data;
  const traits = useRuleWords({ of: "traits" }, kinds.has("trait")).data;
  const { t } = useTranslation("rules");
  return useMemo(() => {
    const lists = { segment: segments, group: groups, stage: stages, trait: traits };
    const find = (thing: NamedThing) => {
      const titles = new Map(lists[thing]?.map((word) => [String(word.value), word.title]));
      return (name: string) => titles.get(name) || undefined;
    };
    const titleOfTrait = find("trait");
    return {
      segment: find("segment"),
      group: find("group"),
      stage: find("stage"),
      trait: (name) => {
        const defined = titleOfTrait(name);
        if (defined && defined !== name) return defined;
        return KNOWN_TRAITS.includes(name) ? t(`traits.${name}`) : undefined;
      },
      property: (name) => {
        if (KNOWN_PROPERTIES.includes(name)) return t(`properties.${name}`);
        // What identified somebody has the same names as the traits that it became.
        return KNOWN_TRAITS.includes(name) ? t(`traits.${name}`) : undefined;
      },
    };
  }, [segments, groups, stages, traits, t]);
}

/** All that a sentence about these rules needs. */
export function useWords(rules: readonly (RuleJson | null | undefined)[]): Words {
  const { t, i18n } = useTranslation("rules");
  const names = useRuleNames(rules);
  return useMemo(() => ({ t: t as unknown as Translate, language: i18n.language, names }), [t, i18n.language, names]);
}
