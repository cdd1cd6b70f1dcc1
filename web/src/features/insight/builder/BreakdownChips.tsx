import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { NumberChip, PickChip, useFieldStatus, useRuleNames, useRuleWords, type ChipPick } from "@/features/rules";
import { useInsightNames } from "../api/ask";
import type { Scope } from "../api/types";

const NONE = "none";
const MOST = 100;
const USUAL = 10;

type By = Pick<Scope, "by" | "top">;

const keyOf = (by: Scope["by"]) => (!by ? NONE : typeof by === "string" ? `property ${by}` : "trait" in by ? `trait ${by.trait}` : `property ${by.property}`);

function readKey(key: string): Scope["by"] {
  const [kind, ...rest] = key.split(" ");
  const name = rest.join(" ");
  if (kind === "trait") return { trait: name };
  // What was typed and is in no list is taken for a property.
  return kind === "property" ? { property: name } : { property: key };
}

/** By what the answer is broken down: a property of the event, or a trait of the member. */
export function BreakdownChips({ scope, onChange }: { scope: Scope; onChange: (by: By, field?: string) => void }) {
  const { t } = useTranslation("insight");
  const names = useInsightNames();
  const traits = useRuleWords({ of: "traits" });
  const { property, trait } = useRuleNames(USED);
  const status = { by: useFieldStatus("by", ""), top: useFieldStatus("top", "") };
  const options = useMemo((): ChipPick[] => {
    const ofEvents = (names.data?.properties ?? []).map(({ name }) => ({ value: `property ${name}`, label: property?.(name) ?? name, hint: t("breakdown.property") }));
    const ofMembers = (traits.data ?? []).map((word) => ({ value: `trait ${String(word.value)}`, label: word.title ?? trait?.(String(word.value)) ?? String(word.value), hint: t("breakdown.trait") }));
    const all = [{ value: NONE, label: t("breakdown.none") }, ...ofMembers, ...ofEvents];
    const value = keyOf(scope.by);
    return all.some((one) => one.value === value) ? all : [...all, { value, label: value.replace(/^\w+ /, ""), hint: t(`breakdown.${value.startsWith("trait") ? "trait" : "property"}`) }];
  }, [names.data, traits.data, property, trait, scope.by, t]);
  return (
    <>
      <PickChip
        isFree
        label={t("label.by")}
        placeholder={t("breakdown.none")}
        value={keyOf(scope.by)}
        options={options}
        isLoading={names.isFetching}
        status={status.by}
        onChange={(key) => onChange(key === NONE ? { by: undefined, top: undefined } : { by: readKey(key) })}
      />
      {scope.by && (
        <>
          <span className="h-rule-close">{t("breakdown.top")}</span>
          <NumberChip label={t("label.top")} value={scope.top ?? USUAL} min={1} isWhole status={status.top} onChange={(top) => onChange({ by: scope.by, top: top === null ? undefined : Math.min(MOST, top) }, "top")} />
          <span>{t("breakdown.values")}</span>
        </>
      )}
    </>
  );
}

/** So that the titles of traits are read, too. */
const USED = [{ trait: "city", op: "exists", value: true }];
