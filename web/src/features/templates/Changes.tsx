import { useTranslation } from "react-i18next";
import { useKindName } from "@/features/deliveries";
import { useRuleToText, type RuleJson } from "@/features/rules";
import { placeOf } from "./draft";
import { around, changedLines } from "./lines";

interface Change {
  path: string;
  before?: unknown;
  after?: unknown;
}

const RULE = /^rules\.(.+)$/;
/** Bodies are code, in which blanks count; everything else is words. */
const CODE = /(?:^|\.)(?:mjml|html|text)$/;

/** What is not alike in two versions: part by part, line by line, with a sign beside each and not only a colour. */
export function Changes({ changes }: { changes: readonly Change[] }) {
  const { t } = useTranslation("templates");
  const nameOf = usePartName();
  const say = useSaid(changes);
  return (
    <div className="h-changes">
      {changes.map((change) => (
        <section key={change.path}>
          <h4>{nameOf(change.path)}</h4>
          <pre tabIndex={0} aria-label={nameOf(change.path)} className={CODE.test(change.path) ? undefined : "is-words"}>
            {around(changedLines(say(change.path, change.before), say(change.path, change.after))).map((line, index) =>
              line === null ? (
                <span key={index} className="h-change is-gap">⋯{"\n"}</span>
              ) : (
                <span key={index} className={`h-change is-${line.kind}`}>
                  {line.kind !== "same" && <span className="h-heard">{line.kind === "new" ? t("changes.new") : t("changes.gone")}</span>}
                  {line.kind === "new" ? "+ " : line.kind === "gone" ? "− " : "  "}
                  {line.text}
                  {"\n"}
                </span>
              ),
            )}
          </pre>
        </section>
      ))}
    </div>
  );
}

/** What stands in a part, in words: a rule is a sentence, a switch is on or off. */
function useSaid(changes: readonly Change[]): (path: string, value: unknown) => string {
  const { t } = useTranslation("templates");
  const kindName = useKindName();
  const ruleToText = useRuleToText(changes.filter((one) => RULE.test(one.path)).flatMap((one) => [one.before, one.after] as RuleJson[]));
  return (path, value) => {
    if (typeof value === "boolean") return value ? t("changes.on") : t("changes.off");
    if (typeof value === "string") return path === "channel_kind" ? kindName(value) : value;
    if (value === null || value === undefined) return "";
    return RULE.test(path) ? ruleToText(value as RuleJson) : JSON.stringify(value, null, 2);
  };
}

/** What a part is called: `translations.zh.subject` is the subject in Chinese. */
export function usePartName(): (path: string) => string {
  const { t, i18n } = useTranslation("templates");
  return (path) => {
    const place = placeOf(path);
    if (place) return place.variant === "all" ? t(`part.${place.part}`) : `${t(`variant.${place.variant}`)} · ${t(`part.${place.part}`)}`;
    const rule = RULE.exec(path)?.[1];
    if (rule) return t("rules.of", { name: rule });
    return i18n.exists(`templates:part.${path}`) ? t(`part.${path}`) : path;
  };
}
