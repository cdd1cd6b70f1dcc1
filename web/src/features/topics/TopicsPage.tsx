import { NotificationOutlined, PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/session";
import { DataTable, Empty, NoPermission, Num, Page, Pill, useConfirm, useUndoToast, useUrlDrawer, type Column } from "@/ui";
import { useDeleteTopic, useSaveTopic, useTopics, type Topic } from "./api";
import { TopicDrawer } from "./TopicDrawer";

/** What members may be written to about, as they read it on their preference page. */
export function TopicsPage() {
  const { t } = useTranslation("topics");
  const isAllowed = useCan("settings", "read");
  const drawer = useUrlDrawer();
  return (
    <Page
      title={t("title")}
      description={t("description")}
      actions={isAllowed && <Button type="primary" icon={<PlusOutlined />} onClick={() => drawer.open("new")}>{t("add")}</Button>}
    >
      {isAllowed ? <TopicsTable open={drawer.value} onOpen={drawer.open} onClose={drawer.close} /> : <NoPermission />}
    </Page>
  );
}

function TopicsTable({ open, onOpen, onClose }: { open: string | undefined; onOpen: (topic: string) => void; onClose: () => void }) {
  const { t, i18n } = useTranslation("topics");
  const list = useTopics();
  const say = (words: { en: string; zh: string }) => (i18n.language === "en" ? words.en : words.zh);
  const columns: Column<Topic>[] = [
    { key: "name", title: t("name"), isFixed: true, render: (topic) => <strong>{say(topic.name)}</strong>, text: (topic) => say(topic.name) },
    { key: "topic", title: t("word"), render: (topic) => <code className="h-code">{topic.topic}</code>, text: (topic) => topic.topic },
    { key: "description", title: t("about"), render: (topic) => say(topic.description), text: (topic) => say(topic.description) },
    { key: "shown", title: t("shown"), render: (topic) => <Pill tone={topic.shown ? "good" : "neutral"}>{topic.shown ? t("isShown") : t("isHidden")}</Pill>, text: (topic) => (topic.shown ? t("isShown") : t("isHidden")) },
    { key: "double", title: t("double"), render: (topic) => (topic.double_opt_in ? t("yes") : <span className="h-quiet">{t("no")}</span>), text: (topic) => (topic.double_opt_in ? t("yes") : t("no")) },
    { key: "position", title: t("position"), isNumber: true, render: (topic) => <Num value={topic.position} />, text: (topic) => topic.position },
    { key: "actions", title: "", isFixed: true, width: 88, render: (topic) => <DeleteButton topic={topic} /> },
  ];
  const opened = list.items.find((topic) => topic.topic === open);
  return (
    <>
      <DataTable
        name="topics"
        label={t("title")}
        list={list}
        columns={columns}
        rowKey={(topic) => topic.topic}
        onOpen={(topic) => onOpen(topic.topic)}
        empty={
          <Empty icon={<NotificationOutlined />} title={t("empty")} action={<Button type="primary" onClick={() => onOpen("new")}>{t("add")}</Button>} example={<span className="h-quiet">{t("example")}</span>}>
            {t("emptyHelp")}
          </Empty>
        }
      />
      <TopicDrawer key={open ?? "none"} topic={opened} isOpen={open === "new" || opened !== undefined} onClose={onClose} />
    </>
  );
}

function DeleteButton({ topic }: { topic: Topic }) {
  const { t, i18n } = useTranslation("topics");
  const ask = useConfirm();
  const toast = useUndoToast();
  const remove = useDeleteTopic();
  const save = useSaveTopic();
  const name = i18n.language === "en" ? topic.name.en : topic.name.zh;
  return (
    <Button
      size="small"
      danger
      onClick={() =>
        ask({
          title: t("delete.title", { name }),
          description: t("delete.description"),
          verb: t("delete.verb"),
          isDestructive: true,
          act: async () => {
            await remove.mutateAsync(topic.topic);
            toast(t("delete.done", { name }), () => save.mutateAsync(topic));
          },
        })
      }
    >
      {t("delete.verb")}
    </Button>
  );
}
