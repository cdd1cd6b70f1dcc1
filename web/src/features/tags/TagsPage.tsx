import { PlusOutlined, TagsOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useNames } from "@/lib/names";
import { useCan } from "@/lib/session";
import { DataTable, Empty, Label, NoPermission, Num, Page, useConfirm, useTellProblem, useUndoToast, useUrlDrawer, type Column } from "@/ui";
import { tagUsage, useDeleteTag, useTagGroups, useTags, type Tag } from "./api";
import { GroupsPanel } from "./GroupsPanel";
import { TagDrawer } from "./TagDrawer";
import "./tags.css";

/** All tags: what they mean, who puts them on, and what uses them. */
export function TagsPage() {
  const { t } = useTranslation("tags");
  const maySee = useCan("people", "read");
  const mayWrite = useCan("people", "write");
  const drawer = useUrlDrawer();
  const list = useTags();
  const groups = useTagGroups();
  const groupName = (tag: Tag) => groups.data?.find((group) => group.id === tag.group_id)?.name ?? "";
  const columns: Column<Tag>[] = [
    { key: "tag", title: t("name"), isFixed: true, render: (tag) => <Label>{tag.tag}</Label>, text: (tag) => tag.tag },
    { key: "members", title: t("members"), isNumber: true, render: (tag) => <Num value={tag.members} />, text: (tag) => tag.members },
    { key: "kind", title: t("kind"), render: (tag) => t(`kinds.${tag.kind}`), text: (tag) => t(`kinds.${tag.kind}`) },
    { key: "group", title: t("group"), render: groupName, text: groupName },
    { key: "meaning", title: t("meaning"), render: (tag) => <span className="h-quiet">{tag.description}</span>, text: (tag) => tag.description },
    { key: "actions", title: "", isFixed: true, width: 88, render: (tag) => mayWrite && <DeleteButton tag={tag} /> },
  ];
  if (!maySee) return <Page title={t("title")}><NoPermission /></Page>;
  const opened = list.items.find((tag) => tag.tag === drawer.value);
  return (
    <Page
      title={t("title")}
      description={t("description")}
      actions={mayWrite && <Button type="primary" icon={<PlusOutlined />} onClick={() => drawer.open("new")}>{t("add")}</Button>}
    >
      <DataTable
        name="tags"
        label={t("title")}
        list={list}
        columns={columns}
        rowKey={(tag) => tag.tag}
        onOpen={mayWrite ? (tag) => drawer.open(tag.tag) : undefined}
        empty={<Empty icon={<TagsOutlined />} title={t("empty")} example={<span className="h-quiet">{t("example")}</span>}>{t("emptyHelp")}</Empty>}
      />
      {mayWrite && <GroupsPanel tags={list.items} />}
      <TagDrawer key={drawer.value ?? "none"} tag={opened} isOpen={drawer.value === "new" || opened !== undefined} onClose={drawer.close} />
    </Page>
  );
}

function DeleteButton({ tag }: { tag: Tag }) {
  const { t } = useTranslation("tags");
  const ask = useConfirm();
  const tell = useTellProblem();
  const toast = useUndoToast();
  const remove = useDeleteTag();

  async function askToDelete() {
    const { members, used_by } = await tagUsage(tag.tag);
    ask({
      title: t("delete.title", { name: tag.tag }),
      description: used_by.length > 0 ? <Users ids={used_by} /> : t("delete.description"),
      consequences: [
        { label: t("delete.members"), value: members },
        { label: t("delete.users"), value: used_by.length },
      ],
      verb: t("delete.verb"),
      isDestructive: true,
      act: async () => {
        await remove.mutateAsync({ name: tag.tag, remove: true });
        toast(t("delete.done", { name: tag.tag }));
      },
    });
  }

  return <Button size="small" type="text" danger onClick={() => void askToDelete().catch(tell)}>{t("delete.verb")}</Button>;
}

/** What uses a tag, by name. */
function Users({ ids }: { ids: readonly string[] }) {
  const { t, i18n } = useTranslation("tags");
  const names = useNames(ids);
  const words = ids.map((id) => names.get(id)?.name ?? id);
  return t("delete.used", { names: new Intl.ListFormat(i18n.language, { type: "conjunction" }).format(words) });
}
