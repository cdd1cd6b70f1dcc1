import { AutoComplete, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { TIME_ZONES } from "@/lib/format/zones";
import { useTimeZone } from "@/lib/session";
import { Panel } from "@/ui";
import type { Draft } from "./mapping";

/** What online shops send when somebody has bought something. */
const USUAL_EVENT = "Order Completed";

/** What holds for all rows: the event's name, the zone of its times, tags that everybody gets. */
export function ExtrasPanel({ draft, onChange }: { draft: Draft; onChange: (draft: Draft) => void }) {
  const { t } = useTranslation("imports");
  const zone = useTimeZone();
  const isEvents = draft.kind === "events";
  const hasEventColumn = draft.uses.some((use) => use.target.to === "event");
  const rest = (name: string, value: string) => {
    const others = Object.fromEntries(Object.entries(draft.rest).filter(([key]) => key !== name));
    onChange({ ...draft, rest: value ? { ...others, [name]: value } : others });
  };
  return (
    <Panel title={t("extras.title")}>
      <div className="h-extras">
        {isEvents && !hasEventColumn && (
          <label className="h-field">
            <span>{t("extras.event")}</span>
            <Input value={draft.constants.event ?? ""} placeholder={USUAL_EVENT} onChange={(event) => onChange({ ...draft, constants: { ...draft.constants, event: event.target.value } })} />
          </label>
        )}
        {(isEvents || draft.uses.some((use) => use.target.to === "timestamp")) && (
          <label className="h-field">
            <span>{t("extras.zone")}</span>
            <AutoComplete value={draft.rest.time_zone ?? ""} placeholder={t("extras.zoneExample", { zone })} options={TIME_ZONES} onChange={(value: string) => rest("time_zone", value)} showSearch={{ filterOption: (text, option) => (option?.value ?? "").toLowerCase().includes(text.toLowerCase()) }} />
          </label>
        )}
        <label className="h-field">
          <span>{t("extras.tags")}</span>
          <Select mode="tags" value={draft.addTags} onChange={(addTags: string[]) => onChange({ ...draft, addTags })} placeholder={t("extras.tagsExample")} open={false} suffixIcon={null} tokenSeparators={[",", "，", "、", ";"]} maxCount={50} />
        </label>
      </div>
    </Panel>
  );
}
