import { useTranslation } from "react-i18next";
import { placeOf } from "./draft";
import { around, changedLines } from "./lines";

interface Change {
  path: string;
  before: string;
  after: string;
}

/** What is not alike in two versions: part by part, line by line, with a sign beside each and not only a colour. */
export function Changes({ changes }: { changes: readonly Change[] }) {
  const { t } = useTranslation("templates");
  const nameOf = usePartName();
  return (
    <div className="h-changes">
      {changes.map((change) => (
        <section key={change.path}>
          <h4>{nameOf(change.path)}</h4>
          <pre tabIndex={0} aria-label={nameOf(change.path)}>
            {around(changedLines(change.before, change.after)).map((line, index) =>
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

/** What a part is called: `translations.zh.subject` is the subject in Chinese. */
export function usePartName(): (path: string) => string {
  const { t, i18n } = useTranslation("templates");
  return (path) => {
    const place = placeOf(path);
    if (place) return place.variant === "all" ? t(`part.${place.part}`) : `${t(`variant.${place.variant}`)} · ${t(`part.${place.part}`)}`;
    const rule = /^rules\.(.+)$/.exec(path)?.[1];
    if (rule) return t("rules.of", { name: rule });
    return i18n.exists(`templates:part.${path}`) ? t(`part.${path}`) : path;
  };
}
