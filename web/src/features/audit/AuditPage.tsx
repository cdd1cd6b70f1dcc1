import { FileSearchOutlined } from "@ant-design/icons";
import { Select } from "antd";
import { Link, useNavigate, useSearch, type LinkProps } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useName } from "@/lib/names";
import { usePlaces } from "@/lib/places";
import { useCan, useTimeZone } from "@/lib/session";
import { DataTable, DateField, Empty, NoPermission, Page, SideDrawer, Time, useUrlDrawer, type Column } from "@/ui";
import { ACTIONS, dateAfter, startOfDate } from "./actions";
import { useActors, useAudit, type AuditLine } from "./api";
import { useAuditWords } from "./words";
import "./audit.css";

/** Who changed what, and when. */
export function AuditPage() {
  const { t } = useTranslation("audit");
  const isAllowed = useCan("settings", "read");
  return (
    <Page title={t("title")} description={t("description")}>
      {isAllowed ? <AuditTable /> : <NoPermission />}
    </Page>
  );
}

interface Address {
  actor?: string;
  action?: string;
  target?: string;
  from?: string;
  to?: string;
}

function AuditTable() {
  const { t } = useTranslation("audit");
  const address = useSearch({ strict: false }) as Address;
  const { actor, action, target, from, to } = address;
  const timeZone = useTimeZone();
  const filter = useMemo(
    () => ({ actor, action, target, from: from && startOfDate(from, timeZone), to: to && startOfDate(dateAfter(to), timeZone) }),
    [actor, action, target, from, to, timeZone],
  );
  const list = useAudit(filter);
  const say = useAuditWords();
  const drawer = useUrlDrawer();
  const columns: Column<AuditLine>[] = [
    { key: "at", title: t("at"), isFixed: true, width: 180, render: (line) => <Time at={line.at} absolute />, text: (line) => line.at },
    { key: "actor", title: t("actor"), render: (line) => <Actor id={line.actor} />, text: (line) => line.actor },
    { key: "action", title: t("action"), render: (line) => <strong className="h-nowrap">{say.action(line.action)}</strong>, text: (line) => say.action(line.action) },
    { key: "target", title: t("target"), render: (line) => <Target line={line} />, text: (line) => line.target },
    { key: "detail", title: t("detail"), render: (line) => <span className="h-audit-detail h-quiet">{say.details(line.detail)}</span>, text: (line) => JSON.stringify(line.detail) },
  ];
  const opened = list.items.find((line) => line.id === drawer.value);
  const isFiltered = Object.values(filter).some(Boolean);
  return (
    <>
      <DataTable
        name="audit"
        label={t("title")}
        list={list}
        columns={columns}
        rowKey={(line) => line.id}
        onOpen={(line) => drawer.open(line.id)}
        filters={<Filters address={address} />}
        empty={<Empty icon={<FileSearchOutlined />} title={isFiltered ? t("nothing") : t("empty")}>{isFiltered ? t("nothingHelp") : t("emptyHelp")}</Empty>}
      />
      <SideDrawer title={opened ? say.action(opened.action) : t("title")} isOpen={opened !== undefined} onClose={drawer.close}>
        {opened && (
          <dl className="h-audit-one">
            <dt>{t("at")}</dt>
            <dd><Time at={opened.at} absolute /></dd>
            <dt>{t("actor")}</dt>
            <dd><Actor id={opened.actor} /></dd>
            <dt>{t("target")}</dt>
            <dd><Target line={opened} /> <code className="h-code h-quiet">{opened.target}</code></dd>
            <dt>{t("detail")}</dt>
            <dd>
              {say.details(opened.detail) || <span className="h-quiet">–</span>}
              <details>
                <summary>{t("whole")}</summary>
                <pre className="h-code" tabIndex={0}>{JSON.stringify(opened.detail, null, 2)}</pre>
              </details>
            </dd>
          </dl>
        )}
      </SideDrawer>
    </>
  );
}

function Filters({ address }: { address: Address }) {
  const { t } = useTranslation("audit");
  const navigate = useNavigate();
  const actors = useActors();
  const say = useAuditWords();
  const change = (next: Partial<Address>) => void navigate({ to: ".", search: (before: Record<string, unknown>) => ({ ...before, ...next }), resetScroll: false });
  return (
    <div className="h-audit-filters" role="search">
      <Select
        className="h-audit-filter"
        allowClear
        showSearch={{ optionFilterProp: "label" }}
        placeholder={t("anybody")}
        aria-label={t("actor")}
        value={address.actor}
        options={actors.data}
        onChange={(actor: string | undefined) => change({ actor })}
      />
      <Select
        className="h-audit-filter"
        allowClear
        showSearch={{ optionFilterProp: "label" }}
        placeholder={t("anything")}
        aria-label={t("action")}
        value={address.action}
        options={ACTIONS.map((action) => ({ value: action as string, label: say.action(action) }))}
        onChange={(action: string | undefined) => change({ action })}
      />
      <DateField className="h-audit-date" aria-label={t("from")} placeholder={t("from")} value={address.from} max={address.to} onChange={(from) => change({ from })} />
      <span aria-hidden>–</span>
      <DateField className="h-audit-date" aria-label={t("to")} placeholder={t("to")} value={address.to} min={address.from} onChange={(to) => change({ to })} />
    </div>
  );
}

/** A person or a key by its name, or a part of the program. */
function Actor({ id }: { id: string }) {
  const { t, i18n } = useTranslation("audit");
  const named = useName(/^(user|key):/.test(id) ? id : null);
  if (named) return <span>{id.startsWith("key:") ? t("byKey", { name: named.name }) : named.name}</span>;
  if (i18n.exists(`audit:parts.${id}`)) return <span>{t(`parts.${id}`)}</span>;
  return <code className="h-code">{id}</code>;
}

/** What it was done to: by the name that the line keeps, or that it has now; what has none any more by its kind. */
function Target({ line }: { line: AuditLine }) {
  const { t, i18n } = useTranslation("audit");
  const places = usePlaces();
  const detail = line.detail as { name?: unknown; email?: unknown };
  const kept = [detail.name, detail.email].find((one): one is string => typeof one === "string");
  const named = useName(/^[a-z]{3}_/.test(line.target) ? line.target : null);
  const kind = line.target.slice(0, 3);
  const isNameless = named === null && line.target.charAt(3) === "_" && i18n.exists(`audit:things.${kind}`);
  const words = named?.name ?? kept ?? (isNameless ? t(`things.${kind}`) : line.target);
  const isGone = line.action.endsWith(".deleted") || line.action.endsWith(".erased");
  const place = isGone ? undefined : places(line.target);
  return place ? <Link className="h-audit-target" to={place as LinkProps["to"]}>{words}</Link> : <span className="h-audit-target">{words}</span>;
}
