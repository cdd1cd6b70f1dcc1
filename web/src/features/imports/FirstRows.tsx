import { useTranslation } from "react-i18next";
import { Loaded, Panel } from "@/ui";
import { useRows, type Import } from "./api";

/** The beginning of the file as it stands in it, so that garbled characters and shifted columns are seen at once. */
export function FirstRows({ one }: { one: Import }) {
  const { t } = useTranslation("imports");
  const rows = useRows(one.id, one.file_deleted_at === null || one.file_deleted_at === undefined);
  return (
    <Panel title={t("rowsTitle")}>
      <Loaded query={rows} rows={4}>
        {(found) => <Grid {...(found ?? fromExamples(one))} />}
      </Loaded>
    </Panel>
  );
}

/** From a server that does not show rows: what it remembers of each column. */
function fromExamples({ detected }: Import): { columns: string[]; rows: string[][] } {
  const most = Math.max(0, ...detected.columns.map((column) => column.examples.length));
  return {
    columns: detected.columns.map((column) => column.name),
    rows: Array.from({ length: most }, (_, row) => detected.columns.map((column) => column.examples[row] ?? "")),
  };
}

function Grid({ columns, rows }: { columns: string[]; rows: string[][] }) {
  const { t } = useTranslation("imports");
  if (rows.length === 0) return <p className="h-quiet">{t("noRows")}</p>;
  return (
    <div className="h-grid-scroll" role="region" aria-label={t("rowsTitle")} tabIndex={0}>
      <table className="h-grid">
        <thead>
          <tr>
            {columns.map((column, index) => (
              <th key={index} scope="col">{column}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {columns.map((_, place) => (
                <td key={place} title={row[place]}>{row[place]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
