import { CopyOutlined, DeleteOutlined, FileTextOutlined, MoreOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Dropdown } from "antd";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useKindName } from "@/features/deliveries";
import { useCan } from "@/lib/session";
import { DataTable, Empty, FilterBar, Page, Time, type Column } from "@/ui";
import { useTemplates, type TemplateRow } from "./api";
import { ContentTabs } from "./ContentTabs";
import { STARTERS } from "./starters";
import { useDeleteTemplate, useDuplicate } from "./useTemplateActions";
import "./templates.css";

/** All templates: what is said to members, by mail or to other programs. */
export function TemplatesPage() {
  const { t } = useTranslation("templates");
  useTranslation(["deliveries"]);
  const { search, kind } = useSearch({ from: "/shell/templates" });
  const navigate = useNavigate({ from: "/templates" });
  const mayWrite = useCan("outreach", "write");
  const list = useTemplates(search, kind);
  const kindName = useKindName();
  const create = mayWrite && (
    <Dropdown
      trigger={["click"]}
      placement="bottomRight"
      menu={{
        items: STARTERS.map((starter) => ({ key: starter, label: t(`starter.${starter}.name`) })),
        onClick: ({ key }) => void navigate({ to: "/templates/$templateId", params: { templateId: "new" }, search: { start: key } }),
      }}
    >
      <Button type="primary" icon={<PlusOutlined />}>
        {t("new")}
      </Button>
    </Dropdown>
  );
  const columns: Column<TemplateRow>[] = [
    { key: "name", title: t("name"), isFixed: true, render: (row) => <strong className="h-template-name">{row.name}</strong>, text: (row) => row.name },
    { key: "subject", title: t("part.subject"), render: (row) => <span className="h-template-subject">{row.subject || "–"}</span>, text: (row) => row.subject },
    { key: "kind", title: t("kind"), render: (row) => kindName(row.channel_kind), text: (row) => kindName(row.channel_kind) },
    { key: "version", title: t("version"), isNumber: true, render: (row) => row.version, text: (row) => row.version },
    { key: "updated", title: t("updated"), render: (row) => <Time at={row.updated_at} />, text: (row) => row.updated_at },
    ...(mayWrite ? [{ key: "actions", title: "", isFixed: true, width: 56, render: (row: TemplateRow) => <RowActions row={row} /> }] : []),
  ];
  const isFiltered = Boolean(search || kind);
  return (
    <Page title={t("title")} description={t("description")} actions={create}>
      <ContentTabs />
      <DataTable
        name="templates"
        label={t("title")}
        list={list}
        columns={columns}
        rowKey={(row) => row.id}
        onOpen={(row) => void navigate({ to: "/templates/$templateId", params: { templateId: row.id } })}
        filters={
          <FilterBar
            value={{ search, kind }}
            searchLabel={t("search")}
            onChange={(next) => void navigate({ search: next, replace: true })}
            filters={[{ name: "kind", label: t("kind"), options: ["email", "webhook"].map((value) => ({ value, label: kindName(value) })) }]}
          />
        }
        empty={
          isFiltered ? (
            <Empty icon={<FileTextOutlined />} title={t("noneMatch")}>{t("noneMatchHelp")}</Empty>
          ) : (
            <EmptyTemplates mayWrite={mayWrite} />
          )
        }
      />
    </Page>
  );
}

function EmptyTemplates({ mayWrite }: { mayWrite: boolean }) {
  const { t } = useTranslation("templates");
  const navigate = useNavigate();
  return (
    <>
      <Empty icon={<FileTextOutlined />} title={t("empty.title")} example={t("empty.example")}>
        {t("empty.help")}
      </Empty>
      {mayWrite && (
        <ul className="h-starters">
          {STARTERS.map((starter) => (
            <li key={starter}>
              <button type="button" onClick={() => void navigate({ to: "/templates/$templateId", params: { templateId: "new" }, search: { start: starter } })}>
                <strong>{t(`starter.${starter}.name`)}</strong>
                <span>{t(`starter.${starter}.about`)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function RowActions({ row }: { row: TemplateRow }) {
  const { t } = useTranslation("templates");
  const duplicate = useDuplicate();
  const remove = useDeleteTemplate();
  return (
    <Dropdown
      trigger={["click"]}
      placement="bottomRight"
      menu={{
        items: [
          { key: "duplicate", icon: <CopyOutlined />, label: t("duplicate.verb"), onClick: () => void duplicate(row.id) },
          { type: "divider" },
          { key: "delete", icon: <DeleteOutlined />, danger: true, label: t("delete.verb"), onClick: () => void remove(row.id, row.name) },
        ],
      }}
    >
      <Button type="text" size="small" icon={<MoreOutlined />} aria-label={t("actionsFor", { name: row.name })} />
    </Dropdown>
  );
}
