import { DownloadOutlined } from "@ant-design/icons";
import { Button, Dropdown } from "antd";
import { useTranslation } from "react-i18next";
import { fileOf, saveAs, type FileFormat } from "@/lib/export";
import { fileTable, type AnswerTable } from "./drawn";

/** Takes a table along that stands without a picture. */
export function ExportTable({ table, name }: { table: AnswerTable; name: string }) {
  const { t } = useTranslation("ui");

  function save(format: FileFormat) {
    const { head, rows } = fileTable(table);
    void fileOf([head, ...rows.map((row) => row.map(String))], format).then((file) => saveAs(file, `${name}.${format}`));
  }

  return (
    <Dropdown
      trigger={["click"]}
      menu={{ items: [{ key: "csv", label: t("table.csv") }, { key: "xlsx", label: t("table.xlsx") }], onClick: ({ key }) => save(key as FileFormat) }}
    >
      <Button size="small" type="text" icon={<DownloadOutlined />} aria-label={t("table.export")} />
    </Dropdown>
  );
}
