import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/lib/api";
import { useFormats } from "@/lib/format";
import { memberName } from "@/lib/names";
import { MemberChip } from "@/features/members";
import { problemText, type RuleJson } from "@/features/rules";
import { Label, Panel, Time, useProblemWords } from "@/ui";
import type { Member } from "./api";
import { PartBars } from "./PartBars";
import { rounded, type LivePreview } from "./preview";

/** Beside the rule: how many it holds for, where people are lost, and ten of those who are in. */
export function LivePanel({ rule, live }: { rule: RuleJson | null; live: LivePreview }) {
  const { t } = useTranslation("segments");
  return (
    <aside className="h-segment-live" aria-label={t("live.title")}>
      <Panel title={t("live.title")}>
        <LiveCount live={live} />
      </Panel>
      <PartBars rule={rule} preview={live.preview} />
      <Sample members={live.preview?.sample} isStale={live.isStale} />
    </aside>
  );
}

function LiveCount({ live }: { live: LivePreview }) {
  const { t } = useTranslation("segments");
  const formats = useFormats();
  const words = useProblemWords();
  const { preview, isStale, error, isUnfinished } = live;
  if (isUnfinished) return <p className="h-quiet" role="status">{t("live.unfinished")}</p>;
  if (error) {
    const problem = asProblem(error);
    const [first] = problem.fields;
    return (
      <div role="alert">
        <p className="h-segment-problem">{words(problem).title}</p>
        <p className="h-quiet">{first ? <FieldWords field={first} /> : words(problem).help}</p>
        {problem.fields.length === 0 && <Button size="small" onClick={live.retry}>{t("ui:tryAgain")}</Button>}
      </div>
    );
  }
  if (!preview) return <p className="h-quiet" role="status">{t("live.counting")}</p>;
  if (preview.pending) return <p className="h-quiet" role="status">{t("live.pending")}</p>;
  const isExact = preview.exact;
  const number = formats.number(isExact ? preview.size : rounded(preview.size));
  return (
    <div className={`h-segment-count ${isStale ? "is-stale" : ""}`} role="status" aria-busy={isStale}>
      <strong>{isExact ? t("live.exact", { number, count: preview.size }) : t("live.about", { number, count: preview.size })}</strong>
      {!isExact && (
        <span className="h-quiet">{t("live.between", { low: formats.number(preview.low), high: formats.number(preview.high) })}</span>
      )}
      {isStale && <span className="h-quiet">{t("live.counting")}</span>}
      {!isStale && preview.size === 0 && <span className="h-quiet">{t("live.nobody")}</span>}
    </div>
  );
}

function FieldWords({ field }: { field: Parameters<typeof problemText>[1] }) {
  const { t } = useTranslation("rules");
  return problemText(t as unknown as Parameters<typeof problemText>[0], field);
}

function Sample({ members, isStale }: { members: Member[] | undefined; isStale: boolean }) {
  const { t } = useTranslation("segments");
  if (!members || members.length === 0) return null;
  return (
    <Panel title={t("live.sample", { count: members.length })}>
      <ul className={`h-segment-sample ${isStale ? "is-stale" : ""}`}>
        {members.map((member) => (
          <li key={member.id}>
            <span className="h-segment-person"><MemberChip id={member.id} {...memberName(member)} /></span>
            <span className="h-quiet h-segment-hint">{member.tags.slice(0, 2).map((tag) => <Label key={tag}>{tag}</Label>)}</span>
            <span className="h-quiet"><Time at={member.last_seen_at} /></span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
