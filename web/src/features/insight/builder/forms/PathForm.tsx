import { Select } from "antd";
import { useTranslation } from "react-i18next";
import { NumberChip, ProblemLines, WordChip, useEventTitle, useFieldStatus } from "@/features/rules";
import { useInsightNames } from "../../api/ask";
import { EventPick } from "../EventPick";
import { Sentence } from "../Sentence";
import type { FormProps } from "./form";

const MOST_DEPTH = 12;
type Side = "all" | "after" | "before";

export function PathForm({ question, change }: FormProps<"path">) {
  const { t } = useTranslation("insight");
  const { anchor, depth = 5, collapse = true } = question;
  const side: Side = anchor?.side ?? "all";
  return (
    <>
      <Sentence
        words={t("form.path", { skipInterpolation: true })}
        slots={{
          side: (
            <WordChip
              label={t("label.side")}
              value={side}
              options={(["all", "after", "before"] as const).map((one) => ({ value: one, label: t(`side.${one}`) }))}
              onChange={(next) => change({ ...question, anchor: next === "all" ? undefined : { event: anchor?.event ?? "", side: next as "after" | "before" } })}
            />
          ),
          event: anchor && <EventPick value={anchor.event} path="anchor" allowsAny={false} onChange={(event) => change({ ...question, anchor: { ...anchor, event: event ?? "" } })} />,
          depth: <NumberChip label={t("label.depth")} value={depth} min={2} isWhole status={useFieldStatus("depth", "")} onChange={(next) => change({ ...question, depth: next === null ? 5 : Math.min(MOST_DEPTH, next) }, "depth")} />,
          collapse: (
            <WordChip
              label={t("label.collapse")}
              value={collapse ? "once" : "each"}
              options={(["once", "each"] as const).map((one) => ({ value: one, label: t(`collapse.${one}`) }))}
              onChange={(next) => change({ ...question, collapse: next === "once" ? undefined : false })}
            />
          ),
        }}
      />
      <ProblemLines id="anchor" />
      <Sentence
        words={t("form.pathEvents", { skipInterpolation: true })}
        slots={{
          only: <EventsPick label={t("label.only")} placeholder={t("pick.allEvents")} value={question.only ?? []} onChange={(only) => change({ ...question, only })} />,
          without: <EventsPick label={t("label.without")} placeholder={t("pick.noEvent")} value={question.without ?? []} onChange={(without) => change({ ...question, without })} />,
        }}
      />
    </>
  );
}

interface EventsPickProps {
  label: string;
  placeholder: string;
  value: string[];
  onChange: (events: string[]) => void;
}

function EventsPick({ label, placeholder, value, onChange }: EventsPickProps) {
  const title = useEventTitle();
  const names = useInsightNames();
  const known = (names.data?.events ?? []).map((event) => event.name);
  const all = [...new Set([...value, ...known])];
  return (
    <Select
      className="h-chip is-list"
      mode="multiple"
      size="small"
      variant="filled"
      aria-label={label}
      placeholder={placeholder}
      popupMatchSelectWidth={false}
      value={value}
      options={all.map((name) => ({ value: name, label: title(name) }))}
      showSearch={{ optionFilterProp: "label" }}
      onChange={onChange}
    />
  );
}
