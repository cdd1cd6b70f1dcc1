import { DownloadOutlined, SettingOutlined } from "@ant-design/icons";
import { Button, Checkbox, Dropdown, Popover } from "antd";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode, type UIEvent } from "react";
import { useTranslation } from "react-i18next";
import type { CursorList } from "@/lib/api";
import { fileOf, saveAs, type FileFormat } from "@/lib/export";
import { remember, remembered } from "@/lib/storage";
import { Loading, ErrorState } from "./states";
import { useTellProblem } from "./problems";
import "./DataTable.css";

export interface Column<T> {
  key: string;
  title: string;
  render: (row: T) => ReactNode;
  /** The cell as plain text, for files; a column without it is not exported. */
  text?: (row: T) => string | number | null | undefined;
  isNumber?: boolean;
  /** Not shown until the user chooses it. */
  isHidden?: boolean;
  /** Cannot be taken away. */
  isFixed?: boolean;
  width?: number;
}

interface DataTableProps<T> {
  /** Under which this browser remembers the columns. */
  name: string;
  /** What the table shows, for those who hear it. */
  label: string;
  list: CursorList<T>;
  columns: Column<T>[];
  rowKey: (row: T) => string;
  /** Opens a row: by a click, or by Enter. */
  onOpen?: (row: T) => void;
  /** Shown instead of an empty table. */
  empty: ReactNode;
  /** Above the table, at the left: mostly a FilterBar. */
  filters?: ReactNode;
  /** A file that the server writes; without it the browser writes what the list has, reading on to its end. */
  serverExport?: (format: FileFormat) => string;
  /** Height of each row in pixels, where cells have two lines. */
  rowHeight?: number;
  /** Rows that can be chosen, for actions on many. */
  selection?: { chosen: ReadonlySet<string>; onChange: (chosen: ReadonlySet<string>) => void };
}

const ROW = 41;
/** So many pixels before the end of a list its next page is asked for. */
const NEAR = 300;
/** More rows than this are drawn only as far as they are seen. */
const VIRTUAL_FROM = 100;

/** A table over a list of the API: grows as one scrolls, remembers its columns, and can be exported and walked by keyboard. */
export function DataTable<T>(props: DataTableProps<T>) {
  const { name, label, list, columns, rowKey, onOpen, empty, filters, selection, rowHeight = ROW } = props;
  const { t } = useTranslation("ui");
  const [shownKeys, setShownKeys] = useState<string[]>(() =>
    remembered(`columns.${name}`, columns.filter((column) => !column.isHidden).map((column) => column.key)),
  );
  const shown = columns.filter((column) => column.isFixed || shownKeys.includes(column.key));
  const scroller = useRef<HTMLDivElement>(null);
  const { items } = list;

  const isVirtual = items.length > VIRTUAL_FROM;
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    enabled: isVirtual,
  });
  const virtualRows = isVirtual ? virtualizer.getVirtualItems() : null;
  const range = virtualRows?.map((row) => row.index) ?? items.map((_, index) => index);
  const before = virtualRows?.[0]?.start ?? 0;
  const after = virtualRows ? virtualizer.getTotalSize() - (virtualRows.at(-1)?.end ?? 0) : 0;

  const last = range.at(-1) ?? -1;
  const { hasMore, isLoadingMore, more } = list;
  useEffect(() => {
    if (isVirtual && hasMore && !isLoadingMore && last >= items.length - 20) more();
  }, [isVirtual, hasMore, isLoadingMore, more, last, items.length]);

  /** A short list, which is drawn whole, goes on when its end comes near. */
  function onScroll(event: UIEvent<HTMLDivElement>) {
    const { scrollTop, clientHeight, scrollHeight } = event.currentTarget;
    if (!isVirtual && hasMore && !isLoadingMore && scrollTop > 0 && scrollTop + clientHeight > scrollHeight - NEAR) more();
  }

  function choose(keys: string[]) {
    setShownKeys(keys);
    remember(`columns.${name}`, keys);
  }

  function onRowKey(event: KeyboardEvent<HTMLTableRowElement>, row: T) {
    if (event.target !== event.currentTarget) return;
    if (event.key === "Enter" && onOpen) onOpen(row);
    else if (event.key === " " && selection) toggle(rowKey(row));
    else if (event.key === "ArrowDown") focusOn(event.currentTarget.nextElementSibling);
    else if (event.key === "ArrowUp") focusOn(event.currentTarget.previousElementSibling);
    else return;
    event.preventDefault();
  }

  function toggle(key: string) {
    if (!selection) return;
    const chosen = new Set(selection.chosen);
    if (!chosen.delete(key)) chosen.add(key);
    selection.onChange(chosen);
  }

  const hasRows = items.length > 0;
  const isEmpty = !list.isLoading && !list.error && !hasRows;
  return (
    <div className="h-table-frame">
      {/* The filters stay where they are whatever the list does, so that nobody who types loses the field. */}
      {(filters || hasRows) && (
        <div className="h-table-tools">
          <div className="h-table-filters">{filters}</div>
          {hasRows && <ColumnChooser columns={columns} shown={shownKeys} onChange={choose} />}
          {hasRows && <ExportButton {...props} columns={shown} />}
        </div>
      )}
      {list.isLoading && <Loading rows={8} />}
      {!list.isLoading && list.error && <ErrorState error={list.error} retry={list.retry} />}
      {isEmpty && empty}
      {!list.isLoading && !list.error && hasRows && (
        <>
          <div className="h-table-scroll" ref={scroller} onScroll={onScroll} role="region" aria-label={label} tabIndex={0}>
            <table className="h-table" aria-rowcount={hasMore ? -1 : items.length} aria-busy={list.isFetching}>
              <thead>
                <tr>
                  {selection && (
                    <th className="h-table-check">
                      <Checkbox
                        aria-label={t("table.chooseAll")}
                        checked={selection.chosen.size > 0 && selection.chosen.size === items.length}
                        indeterminate={selection.chosen.size > 0 && selection.chosen.size < items.length}
                        onChange={(event) => selection.onChange(new Set(event.target.checked ? items.map(rowKey) : []))}
                      />
                    </th>
                  )}
                  {shown.map((column) => (
                    <th key={column.key} scope="col" className={column.isNumber ? "is-number" : undefined} style={{ width: column.width }}>
                      {column.title || <span className="h-heard">{t("table.actions")}</span>}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {before > 0 && <tr aria-hidden style={{ height: before }} />}
                {range.map((index) => {
                  const row = items[index] as T;
                  const key = rowKey(row);
                  return (
                    <tr
                      key={key}
                      style={{ height: rowHeight }}
                      tabIndex={onOpen || selection ? 0 : undefined}
                      aria-rowindex={index + 1}
                      aria-selected={selection ? selection.chosen.has(key) : undefined}
                      className={onOpen ? "can-open" : undefined}
                      onClick={(event) => {
                        if (onOpen && !(event.target as HTMLElement).closest("a,button,input,label")) onOpen(row);
                      }}
                      onKeyDown={(event) => onRowKey(event, row)}
                    >
                      {selection && (
                        <td className="h-table-check">
                          <Checkbox aria-label={t("table.choose")} checked={selection.chosen.has(key)} onChange={() => toggle(key)} />
                        </td>
                      )}
                      {shown.map((column) => (
                        <td key={column.key} className={column.isNumber ? "is-number" : undefined}>
                          {column.render(row)}
                        </td>
                      ))}
                    </tr>
                  );
                })}
                {after > 0 && <tr aria-hidden style={{ height: after }} />}
              </tbody>
            </table>
          </div>
          <footer className="h-table-foot">
            <span className="h-quiet" aria-live="polite">
              {hasMore ? t("table.shownSoFar", { count: items.length }) : t("table.shownAll", { count: items.length })}
            </span>
            {hasMore && (
              <Button size="small" loading={isLoadingMore} onClick={more}>
                {t("table.more")}
              </Button>
            )}
          </footer>
        </>
      )}
    </div>
  );
}

function focusOn(element: Element | null) {
  if (element instanceof HTMLElement && element.tabIndex >= 0) element.focus();
}

function ColumnChooser<T>({ columns, shown, onChange }: { columns: Column<T>[]; shown: string[]; onChange: (keys: string[]) => void }) {
  const { t } = useTranslation("ui");
  const choosable = columns.filter((column) => !column.isFixed && column.title);
  if (choosable.length < 2) return null;
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      title={t("table.columns")}
      content={
        <Checkbox.Group
          className="h-table-columns"
          value={shown}
          onChange={(keys) => onChange(columns.map((column) => column.key).filter((key) => keys.includes(key)))}
          options={choosable.map((column) => ({ value: column.key, label: column.title }))}
        />
      }
    >
      <Button icon={<SettingOutlined />} aria-label={t("table.columns")} />
    </Popover>
  );
}

function ExportButton<T>({ name, list, columns, serverExport }: DataTableProps<T>) {
  const { t } = useTranslation("ui");
  const tell = useTellProblem();
  const [isWanted, setIsWanted] = useState<FileFormat | null>(null);
  const exported = useMemo(() => columns.filter((column) => column.text), [columns]);
  const { hasMore, isLoadingMore, items, more } = list;

  // The browser's own file has the whole list: it reads on until the end, then writes.
  useEffect(() => {
    if (!isWanted || isLoadingMore) return;
    if (hasMore) return more();
    const rows = items.map((row) => exported.map((column) => String(column.text?.(row) ?? "")));
    setIsWanted(null);
    fileOf([exported.map((column) => column.title), ...rows], isWanted)
      .then((file) => saveAs(file, `${name}.${isWanted}`))
      .catch(tell);
  }, [isWanted, isLoadingMore, hasMore, items, more, exported, name, tell]);

  function start(format: FileFormat) {
    if (serverExport) saveAs(serverExport(format), `${name}.${format}`);
    else setIsWanted(format);
  }

  if (exported.length === 0) return null;
  if (isWanted) return <Button onClick={() => setIsWanted(null)}>{t("table.stopExport", { count: items.length })}</Button>;
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items: [
          { key: "csv", label: t("table.csv") },
          { key: "xlsx", label: t("table.xlsx") },
        ],
        onClick: ({ key }) => start(key as FileFormat),
      }}
    >
      <Button icon={<DownloadOutlined />}>{t("table.export")}</Button>
    </Dropdown>
  );
}
