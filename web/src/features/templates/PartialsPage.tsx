import { BlockOutlined, PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/session";
import { DataTable, Empty, Page, Time, type Column } from "@/ui";
import { usePartialList, type Partial_ } from "./api";
import { ContentTabs } from "./ContentTabs";
import "./templates.css";

/** Pieces that templates put in by name, so that a footer is changed in one place. */
export function PartialsPage() {
  const { t } = useTranslation("templates");
  const navigate = useNavigate();
  const mayWrite = useCan("outreach", "write");
  const list = usePartialList();
  const create = mayWrite && (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => void navigate({ to: "/templates/partials/$name", params: { name: "new" } })}>
      {t("partial.new")}
    </Button>
  );
  const forms = (row: Partial_) => (["mjml", "html", "text"] as const).filter((form) => row[form]).map((form) => t(`part.${form}`)).join(" · ");
  const columns: Column<Partial_>[] = [
    { key: "name", title: t("partial.name"), isFixed: true, render: (row) => <code className="h-code">{row.name}</code>, text: (row) => row.name },
    { key: "forms", title: t("partial.forms"), render: forms, text: forms },
    { key: "used", title: t("partial.used"), isNumber: true, render: (row) => row.used_by.length, text: (row) => row.used_by.length },
    { key: "version", title: t("version"), isNumber: true, render: (row) => row.version, text: (row) => row.version },
    { key: "updated", title: t("updated"), render: (row) => <Time at={row.updated_at} />, text: (row) => row.updated_at },
  ];
  return (
    <Page title={t("tab.partials")} description={t("partial.description")} actions={create}>
      <ContentTabs />
      <DataTable
        name="partials"
        label={t("tab.partials")}
        list={list}
        columns={columns}
        rowKey={(row) => row.name}
        onOpen={(row) => void navigate({ to: "/templates/partials/$name", params: { name: row.name } })}
        empty={
          <Empty icon={<BlockOutlined />} title={t("partial.emptyTitle")} action={create} example={t("partial.emptyExample")}>
            {t("partial.emptyHelp")}
          </Empty>
        }
      />
    </Page>
  );
}
