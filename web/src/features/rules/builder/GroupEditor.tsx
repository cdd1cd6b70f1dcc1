import { useTranslation } from "react-i18next";
import type { GroupKind } from "../model/grammar";
import type { BeenNode, GroupNode, RuleNode } from "../model/tree";
import { AddCondition } from "./AddCondition";
import { useEditor, useFieldStatus } from "./editor";
import { NodeTools, useNodeKeys } from "./NodeTools";
import { PeriodChip } from "./PeriodChip";
import { WordChip } from "./PickChip";
import { ProblemLines } from "./ProblemLines";
import { EventRow, NamedRow, Row, SequenceRow, TraitRow } from "./rows";

/** Conditions of which all or any must hold, each on a line, with the word between them. */
export function GroupEditor({ group, isRoot = false }: { group: GroupNode; isRoot?: boolean }) {
  const { t } = useTranslation("rules");
  const { put, isDisabled } = useEditor();
  const heading = (
    <WordChip
      label={t("label.group")}
      value={group.isNegated ? `not-${group.kind}` : group.kind}
      options={[
        { value: "all", label: t("groups.all") },
        { value: "any", label: t("groups.any") },
        ...(isRoot ? [] : [{ value: "not-all", label: t("groups.notAll") }, { value: "not-any", label: t("groups.notAny") }]),
      ]}
      onChange={(next) => put({ ...group, kind: next.replace("not-", "") as GroupKind, isNegated: next.startsWith("not-") })}
    />
  );
  return (
    <div className={`h-rule-group ${isRoot ? "is-root" : ""}`} role="group" aria-label={t("label.group")}>
      {(!isRoot || group.rules.length > 1) && (
        <div className="h-rule-line">
          <Row pattern={isRoot ? "row.root" : "row.group"} slots={{ heading }} />
        </div>
      )}
      <ul className="h-rule-list">
        {group.rules.map((rule, index) => (
          <li key={rule.id}>
            {index > 0 && <span className="h-rule-and">{t(`between.${group.kind}`)}</span>}
            <NodeEditor node={rule} />
          </li>
        ))}
      </ul>
      {!isDisabled && <AddCondition groupId={group.id} isFirst={group.rules.length === 0} />}
    </div>
  );
}

/** One line of the rule: a condition, a group inside the group, or something that has been so for some time. */
export function NodeEditor({ node }: { node: RuleNode }) {
  const { t } = useTranslation("rules");
  const { problemsAt, words, isDisabled } = useEditor();
  const onKeyDown = useNodeKeys(node);
  const isWrong = problemsAt(node.id).some((problem) => problem.code !== "unfinished");
  return (
    <div
      className={`h-rule-node ${isWrong ? "is-wrong" : ""}`}
      role="group"
      data-node={node.id}
      data-kind={node.kind}
      aria-label={t(`kinds.${node.kind}.title`)}
      // The line takes the keys that move, copy and remove it.
      tabIndex={isDisabled ? undefined : 0}
      onKeyDown={onKeyDown}
    >
      <div className="h-rule-body">
        <NodeBody node={node} />
        <ProblemLines id={node.id} />
      </div>
      {!isDisabled && <NodeTools node={node} title={words.t(`kinds.${node.kind}.title`)} />}
    </div>
  );
}

function NodeBody({ node }: { node: RuleNode }) {
  switch (node.kind) {
    case "all":
    case "any":
      return <GroupEditor group={node} />;
    case "been":
      return <BeenEditor node={node} />;
    case "trait":
      return <div className="h-rule-line"><TraitRow node={node} /></div>;
    case "event":
      return <div className="h-rule-line"><EventRow node={node} /></div>;
    case "sequence":
      return <SequenceRow node={node} />;
    case "unknown":
      return <UnknownRow json={node.json} />;
    default:
      return <div className="h-rule-line"><NamedRow node={node} /></div>;
  }
}

function BeenEditor({ node }: { node: BeenNode }) {
  const { t } = useTranslation("rules");
  const { put } = useEditor();
  const holds = (
    <WordChip
      label={t("label.holds")}
      value={node.isNegated ? "no" : "yes"}
      options={[
        { value: "yes", label: t("holds.been.yes") },
        { value: "no", label: t("holds.been.no") },
      ]}
      onChange={(next) => put({ ...node, isNegated: next === "no" })}
    />
  );
  const period = <PeriodChip value={node.period} status={useFieldStatus(node.id, "for")} onChange={(next) => put({ ...node, period: next ?? "" }, `${node.id}.for`)} />;
  return (
    <div className="h-rule-group">
      <div className="h-rule-line">
        <Row pattern="row.been" slots={{ holds, period }} />
      </div>
      <NodeEditor node={node.rule} />
    </div>
  );
}

/** What no chip can show stays as it was written, and can be mended as text. */
function UnknownRow({ json }: { json: unknown }) {
  const { t } = useTranslation("rules");
  return (
    <div className="h-rule-line">
      <span>{t("kinds.unknown.title")}</span>
      <code className="h-code h-rule-unknown">{JSON.stringify(json)}</code>
    </div>
  );
}
