import { HistoryOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Select, Tag, Tooltip } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/lib/api";
import { useCan } from "@/lib/session";
import { DataTable, Empty, Label, Panel, SideDrawer, Time, useTellProblem, useUndoToast, useUrlDrawer, type Column } from "@/ui";
import { useChoices } from "../choices";
import { Source } from "../Thing";
import { useChangeTags, useTagHistory, type Member } from "./api";

/** The member's tags: put on, taken off, and how they came and went. */
export function TagsPanel({ member }: { member: Member }) {
  const { t } = useTranslation("members");
  const mayChange = useCan("people", "write");
  const change = useChangeTags(member.id);
  const tags = useChoices("tags");
  const drawer = useUrlDrawer();
  const toast = useUndoToast();
  const tell = useTellProblem();
  const [isAdding, setIsAdding] = useState(false);
  const [added, setAdded] = useState<string[]>([]);
  const kindOf = (tag: string) => tags.data?.find((one) => one.value === tag)?.kind;

  async function add() {
    const wanted = added.map((tag) => tag.trim()).filter((tag) => tag && !member.tags.includes(tag));
    try {
      if (wanted.length > 0) {
        await change.mutateAsync({ add: wanted });
        toast(t("tags.added", { count: wanted.length }), () => change.mutateAsync({ remove: wanted }));
      }
      setAdded([]);
      setIsAdding(false);
    } catch (error) {
      tell(error);
    }
  }

  function remove(tag: string) {
    change.mutate({ remove: [tag] }, { onError: tell, onSuccess: () => toast(t("tags.removed", { tag }), () => change.mutateAsync({ add: [tag] })) });
  }

  return (
    <Panel
      title={t("profile.tags")}
      actions={<Button size="small" type="text" icon={<HistoryOutlined />} aria-label={t("tags.history")} title={t("tags.history")} onClick={() => drawer.open("tags")} />}
    >
      <div className="h-tags">
        {member.tags.map((tag) =>
          kindOf(tag) === "dynamic" ? (
            <Tooltip key={tag} title={t("tags.byRule")}>
              <span tabIndex={0}>
                <Label>{tag}</Label>
              </span>
            </Tooltip>
          ) : (
            <Tag
              key={tag}
              className="h-tag"
              closable={mayChange && { "aria-label": t("tags.removeNamed", { tag }) }}
              onClose={(event) => {
                // It goes when the server has taken it off, not before.
                event.preventDefault();
                remove(tag);
              }}
            >
              {tag}
            </Tag>
          ),
        )}
        {member.tags.length === 0 && !isAdding && <span className="h-quiet">{t("tags.none")}</span>}
        {mayChange && !isAdding && (
          <Button size="small" type="dashed" icon={<PlusOutlined />} onClick={() => setIsAdding(true)}>
            {t("tags.add")}
          </Button>
        )}
      </div>
      {isAdding && (
        <div className="h-tags-adding">
          <Select
            mode="tags"
            autoFocus
            value={added}
            onChange={setAdded}
            tokenSeparators={[",", "，", "、"]}
            placeholder={t("tags.placeholder")}
            aria-label={t("tags.placeholder")}
            options={(tags.data ?? []).filter((tag) => tag.kind !== "dynamic" && !member.tags.includes(tag.value)).map((tag) => ({ value: tag.value, label: tag.label }))}
          />
          <div className="h-drawer-buttons">
            <Button size="small" onClick={() => setIsAdding(false)}>
              {t("ui:cancel")}
            </Button>
            <Button size="small" type="primary" loading={change.isPending} disabled={added.length === 0} onClick={() => void add()}>
              {t("tags.add")}
            </Button>
          </div>
        </div>
      )}
      <SideDrawer title={t("tags.history")} width={720} isOpen={drawer.value === "tags"} onClose={drawer.close}>
        <TagHistory member={member.id} />
      </SideDrawer>
    </Panel>
  );
}

type Change = Schemas["TagChangeDto"];

function TagHistory({ member }: { member: string }) {
  const { t } = useTranslation("members");
  const list = useTagHistory(member);
  const words = (change: Change) => (change.added ? t("tags.on") : t("tags.off"));
  const columns: Column<Change>[] = [
    { key: "at", title: t("tags.when"), render: (change) => <Time at={change.at} absolute />, text: (change) => change.at },
    { key: "tag", title: t("tags.tag"), render: (change) => <Label>{change.tag}</Label>, text: (change) => change.tag },
    { key: "what", title: t("tags.what"), render: words, text: words },
    { key: "source", title: t("tags.source"), render: (change) => <Source source={change.source} />, text: (change) => change.source },
    { key: "identity", title: t("tags.identity"), isHidden: true, render: (change) => change.identity_value, text: (change) => change.identity_value },
  ];
  return (
    <DataTable<Change>
      name="tag-history"
      label={t("tags.history")}
      list={list as never}
      columns={columns}
      rowKey={(change) => `${change.at} ${change.tag} ${change.added} ${change.identity_value}`}
      empty={<Empty title={t("tags.noHistory")}>{t("tags.noHistoryHelp")}</Empty>}
    />
  );
}
