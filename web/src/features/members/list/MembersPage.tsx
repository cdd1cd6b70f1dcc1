import { NodeIndexOutlined, TeamOutlined } from "@ant-design/icons";
import { Button, Select, Tag } from "antd";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { useCan } from "@/lib/session";
import { DataTable, Empty, FilterBar, NoPermission, Page, type Filter } from "@/ui";
import { BulkBar } from "../bulk/BulkBar";
import { BulkDrawer } from "../bulk/BulkDrawer";
import { targetOf } from "../bulk/target";
import { useChoices } from "../choices";
import type { Member } from "../search";
import { useSettledTraits, useTraitTitle } from "../traits";
import { memberColumns, traitNames } from "./columns";
import { filterOf, isUnfiltered, parametersOf, type MemberFilter } from "./filters";
import { SearchProgress } from "./SearchProgress";
import { useMemberList } from "./useMemberList";
import "./list.css";

/** Everybody: looked for, filtered, chosen, and changed together. */
export function MembersPage() {
  const { t } = useTranslation("members");
  const mayRead = useCan("people", "read");
  return (
    <Page
      title={t("title")}
      description={t("description")}
      actions={
        mayRead && (
          <Link to="/members/merges">
            <Button icon={<NodeIndexOutlined />}>{t("list.merges")}</Button>
          </Link>
        )
      }
    >
      {mayRead ? <MembersTable /> : <NoPermission />}
    </Page>
  );
}

function MembersTable() {
  const { t } = useTranslation("members");
  const formats = useFormats();
  const navigate = useNavigate();
  const address = useSearch({ strict: false }) as Record<string, unknown>;
  const text = JSON.stringify(filterOf(address));
  const filter = useMemo(() => JSON.parse(text) as MemberFilter, [text]);
  const list = useMemberList(filter);
  const mayChange = useCan("people", "write");
  const mayEnter = useCan("outreach", "write");

  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [isEverybody, setIsEverybody] = useState(false);
  const [isActing, setIsActing] = useState(false);
  const clear = useCallback(() => {
    setChosen(new Set());
    setIsEverybody(false);
  }, []);
  useEffect(clear, [text, clear]);

  const stages = useChoices("stages");
  const segments = useChoices("segments");
  const groups = useChoices("groups");
  const tags = useChoices("tags");
  const settled = useSettledTraits().data;
  const traitTitle = useTraitTitle();

  const columns = useMemo(() => {
    return memberColumns({
      t,
      stageNames: new Map((stages.data ?? []).map((one) => [one.value, one.label])),
      segmentNames: new Map((segments.data ?? []).map((one) => [one.value, one.label])),
      traits: traitNames((settled ?? []).map((trait) => trait.name), list.items.slice(0, 200)),
      traitTitle,
    });
  }, [t, stages.data, segments.data, settled, traitTitle, list.items]);

  const go = useCallback(
    (next: MemberFilter) =>
      void navigate({ to: "/members", search: { ...filterOf({ ...next }) }, replace: true, resetScroll: false }),
    [navigate],
  );
  const single = useMemo(
    () => ({ search: filter.search, stage: filter.stage, segment: filter.segment, group: filter.group }),
    [filter],
  );
  const onFilter = useCallback(
    (value: Record<string, string | undefined>) => {
      // The bar's own button clears everything, also what is not the bar's.
      const isCleared = Object.keys(value).length === 0;
      const { tag, not_tag, created_from, created_to } = filter;
      go(isCleared ? {} : { ...value, tag, not_tag, created_from, created_to });
    },
    [go, filter],
  );
  const filters: Filter[] = [
    { name: "stage", label: t("filters.stage"), options: stages.data ?? [] },
    { name: "segment", label: t("filters.segment"), options: segments.data ?? [] },
    ...(groups.data?.length || filter.group ? [{ name: "group", label: t("filters.group"), options: groups.data ?? [] }] : []),
  ];
  const isFiltered = !isUnfiltered(filter);
  const isSearching = list.search?.isGoing ?? false;
  const bar = (
    <>
      <FilterBar value={single} onChange={onFilter} filters={filters} searchLabel={t("filters.search")}>
        <Select
          mode="multiple"
          className="h-members-tags"
          maxTagCount="responsive"
          allowClear
          placeholder={t("filters.tag")}
          aria-label={t("filters.tag")}
          value={filter.tag ?? []}
          options={(tags.data ?? []).map((tag) => ({ value: tag.value, label: tag.label }))}
          onChange={(tag: string[]) => go({ ...filter, tag })}
        />
        {filter.created_from && (
          <Tag closable onClose={() => go({ ...filter, created_from: undefined })}>
            {t("filters.createdFrom", { date: formats.time(filter.created_from) })}
          </Tag>
        )}
        {filter.created_to && (
          <Tag closable onClose={() => go({ ...filter, created_to: undefined })}>
            {t("filters.createdTo", { date: formats.time(filter.created_to) })}
          </Tag>
        )}
        {isFiltered && isUnfiltered(single) && (
          <Button type="link" onClick={() => go({})}>
            {t("ui:clearFilters")}
          </Button>
        )}
      </FilterBar>
      <SearchProgress list={list} />
    </>
  );

  return (
    <>
      <BulkBar
        chosen={chosen.size}
        isEverybody={isEverybody}
        isFiltered={isFiltered}
        onEverybody={() => setIsEverybody(true)}
        onAct={() => setIsActing(true)}
        onClear={clear}
      />
      <DataTable<Member>
        name="members"
        label={t("title")}
        list={list}
        columns={columns}
        rowKey={(member) => member.id}
        rowHeight={57}
        onOpen={(member) => void navigate({ to: "/members/$memberId", params: { memberId: member.id } })}
        filters={bar}
        serverExport={mayChange ? (format) => exportAddress(filter, format) : undefined}
        selection={
          mayChange || mayEnter
            ? { chosen: isEverybody ? new Set(list.items.map((member) => member.id)) : chosen, onChange: (next) => {
                setIsEverybody(false);
                setChosen(next);
              } }
            : undefined
        }
        empty={isSearching ? <Empty icon={<TeamOutlined />} title={t("list.stillSearching")} /> : isFiltered ? <NobodyMatches onClear={() => go({})} /> : <NobodyYet />}
      />
      <BulkDrawer
        key={String(isActing)}
        target={targetOf(chosen, isEverybody, filter)}
        isOpen={isActing}
        onClose={() => setIsActing(false)}
        onDone={() => {
          setIsActing(false);
          clear();
        }}
      />
    </>
  );
}

function exportAddress(filter: MemberFilter, format: string): string {
  const parameters = parametersOf(filter);
  parameters.set("format", format);
  return `/api/v1/members/export?${parameters}`;
}

function NobodyMatches({ onClear }: { onClear: () => void }) {
  const { t } = useTranslation("members");
  return (
    <Empty icon={<TeamOutlined />} title={t("empty.noMatch")} action={<Button onClick={onClear}>{t("ui:clearFilters")}</Button>}>
      {t("empty.noMatchHelp")}
    </Empty>
  );
}

function NobodyYet() {
  const { t } = useTranslation("members");
  return (
    <Empty
      icon={<TeamOutlined />}
      title={t("empty.title")}
      action={
        <Link to="/settings/keys" search={{ open: "new" } as never}>
          <Button type="primary">{t("empty.action")}</Button>
        </Link>
      }
      example={t("empty.example")}
    >
      {t("empty.help")}
    </Empty>
  );
}
