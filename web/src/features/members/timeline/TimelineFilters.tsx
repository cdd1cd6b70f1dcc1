import { Button, Checkbox, Popover, Select } from "antd";
import { FilterOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { DateField } from "@/ui";
import { useEventNames, type Entry } from "./api";
import { GROUPS, type Group, type TimelineFilter } from "./filters";
import { fateOf, KNOWN, slug } from "./words";

interface TimelineFiltersProps {
  member: string;
  filter: TimelineFilter;
  onChange: (filter: TimelineFilter) => void;
  /** What was read already, for names of events where the server has no list of them. */
  seen: readonly Entry[];
}

const ALL = Object.keys(GROUPS) as Group[];

export function TimelineFilters({ member, filter, onChange, seen }: TimelineFiltersProps) {
  const { t } = useTranslation("timeline");
  const names = useEventNames(member);
  const known = names.data?.length ? names.data : [...new Set(seen.map((entry) => entry.name))];
  const options = [...new Set([...known, ...(filter.event ? [filter.event] : [])])].sort().map((name) => ({ value: name, label: words(name) }));

  function words(name: string): string {
    if (KNOWN[name]) return `${t(`events.${slug(name)}`)} (${name})`;
    const fate = fateOf(name);
    return fate ? `${t(`fates.${slug(fate)}`)} (${name})` : name;
  }

  const isFiltered = Object.keys(filter).length > 0;
  return (
    <div className="h-timeline-filters" role="search" aria-label={t("filters.title")}>
      <Popover
        trigger="click"
        placement="bottomLeft"
        content={
          <Checkbox.Group
            className="h-timeline-groups"
            value={filter.groups ?? ALL}
            options={ALL.map((group) => ({ value: group, label: t(`groups.${group}`) }))}
            onChange={(groups) => onChange({ ...filter, groups: groups as Group[] })}
          />
        }
      >
        <Button icon={<FilterOutlined />}>{filter.groups ? filter.groups.map((group) => t(`groups.${group}`)).join(t("filters.and")) : t("filters.all")}</Button>
      </Popover>
      <Select
        className="h-timeline-event"
        allowClear
        showSearch={{ optionFilterProp: "label" }}
        placeholder={t("filters.event")}
        aria-label={t("filters.event")}
        value={filter.event}
        options={options}
        popupMatchSelectWidth={320}
        onChange={(event: string | undefined) => onChange({ ...filter, event })}
      />
      <span className="h-timeline-days">
        <DateField aria-label={t("filters.since")} placeholder={t("filters.since")} value={filter.since} max={filter.until} onChange={(since) => onChange({ ...filter, since })} />
        <span aria-hidden>–</span>
        <DateField aria-label={t("filters.until")} placeholder={t("filters.until")} value={filter.until} min={filter.since} onChange={(until) => onChange({ ...filter, until })} />
      </span>
      {isFiltered && (
        <Button type="link" onClick={() => onChange({})}>
          {t("ui:clearFilters")}
        </Button>
      )}
    </div>
  );
}
