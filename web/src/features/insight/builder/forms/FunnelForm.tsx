import { CloseOutlined, PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { PeriodChip, ProblemLines, WordChip, useFieldStatus } from "@/features/rules";
import { FUNNEL_MODES, type Exclusion } from "../../api/types";
import { EventFields } from "../EventFields";
import { OrderedList } from "../OrderedList";
import { Sentence } from "../Sentence";
import { FIXED, type FormProps } from "./form";

const MOST_STEPS = 20;
const MOST_EXCLUSIONS = 5;

export function FunnelForm({ question, change }: FormProps<"funnel">) {
  const { t } = useTranslation("insight");
  const { steps, exclude = [], mode = "ordered", within = "P7D" } = question;
  return (
    <>
      <Sentence
        words={t("form.funnel", { skipInterpolation: true })}
        slots={{
          mode: <WordChip label={t("label.mode")} value={mode} options={FUNNEL_MODES.map((one) => ({ value: one, label: t(`mode.${one}`) }))} onChange={(next) => change({ ...question, mode: next as typeof mode, exclude: next === "ordered" ? exclude : undefined })} />,
          within: <PeriodChip units={FIXED} value={within} status={useFieldStatus("within", "")} onChange={(next) => change({ ...question, within: next ?? undefined }, "within")} />,
        }}
      />
      <OrderedList
        items={steps}
        label={t("label.steps")}
        least={1}
        most={MOST_STEPS}
        add={t("add.step")}
        fresh={() => ({ event: "" })}
        mark={(_, at) => at + 1}
        onChange={(next) => change({ ...question, steps: next })}
        more={
          steps.length > 1 && mode === "ordered" && exclude.length < MOST_EXCLUSIONS && (
            <Button size="small" type="text" icon={<PlusOutlined />} onClick={() => change({ ...question, exclude: [...exclude, { event: "", after: 1, before: 2 }] })}>
              {t("add.exclusion")}
            </Button>
          )
        }
      >
        {(step, at) => <EventFields value={step} path={`steps[${at}]`} onChange={(next, field) => change({ ...question, steps: steps.map((one, place) => (place === at ? next : one)) }, field)} />}
      </OrderedList>
      {exclude.map((one, at) => (
        <ExclusionLine
          key={at}
          value={one}
          path={`exclude[${at}]`}
          steps={steps.length}
          onChange={(next, field) => change({ ...question, exclude: exclude.map((other, place) => (place === at ? next : other)) }, field)}
          onRemove={() => change({ ...question, exclude: exclude.filter((_, place) => place !== at) })}
        />
      ))}
      <ProblemLines id="within" />
      <ProblemLines id="exclude" />
      <ProblemLines id="steps" />
    </>
  );
}

interface ExclusionLineProps {
  value: Exclusion;
  path: string;
  steps: number;
  onChange: (value: Exclusion, field?: string) => void;
  onRemove: () => void;
}

/** Who does this between two steps does not get further. */
function ExclusionLine({ value, path, steps, onChange, onRemove }: ExclusionLineProps) {
  const { t } = useTranslation("insight");
  const after = value.after ?? 1;
  const before = value.before ?? steps;
  const all = Array.from({ length: steps }, (_, at) => ({ value: String(at + 1), label: String(at + 1) }));
  return (
    <div className="h-ordered-aside">
      <Sentence
        words={t("form.exclusion", { skipInterpolation: true })}
        slots={{
          event: <EventFields value={value} path={path} allowsAny={false} onChange={(next, field) => onChange(next, field)} />,
          after: <WordChip label={t("label.after")} value={String(after)} options={all.slice(0, -1)} onChange={(next) => onChange({ ...value, after: Number(next), before: Math.max(before, Number(next) + 1) })} />,
          before: <WordChip label={t("label.before")} value={String(before)} options={all.slice(after)} onChange={(next) => onChange({ ...value, before: Number(next) })} />,
        }}
      />
      <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t("remove.exclusion")} onClick={onRemove} />
    </div>
  );
}
