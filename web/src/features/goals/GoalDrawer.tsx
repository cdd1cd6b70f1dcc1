import { Button, Form, Input, InputNumber, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isWhole, WhereChips, type Comparison } from "@/features/insight";
import { ChipFrame, useEventTitle, useRuleWords } from "@/features/rules";
import { asProblem } from "@/lib/api";
import { DateField, FormErrors, SideDrawer, useFormProblem, useUndoToast } from "@/ui";
import { MEASURES, useSaveGoal, type Goal, type Measure } from "./api";
import { hasProperty } from "./course";
import { Pace } from "./Pace";
import { useGoalWords } from "./words";

interface Values {
  name?: string;
  metric: { event: string | null; measure: Measure; property?: string | null };
  segment?: string | null;
  target: number;
  from: string;
  deadline: string;
}

/** Stands in the list of events for "whatever it was". */
const ANY = "*";
const NO_PROBLEMS: never[] = [];

/** To the end of the quarter, which is what most goals are set for. */
function usual(today: string) {
  const [year = 0, month = 0] = today.split("-").map(Number);
  const deadline = new Date(Date.UTC(year, Math.ceil(month / 3) * 3, 0)).toISOString().slice(0, 10);
  return { metric: { event: "Order Completed", measure: "events" as const }, from: today, deadline };
}

/** Makes a goal or changes one: what is measured, how much of it, and by when. */
export function GoalDrawer({ goal, isOpen, onClose }: { goal: Goal | undefined; isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("goals");
  const [form] = Form.useForm<Values>();
  const { problem, show, clear } = useFormProblem(form);
  const words = useGoalWords();
  const save = useSaveGoal();
  const toast = useUndoToast();
  const events = useRuleWords({ of: "events" }, isOpen);
  const segments = useRuleWords({ of: "segments" }, isOpen);
  const title = useEventTitle();
  const initial: Partial<Values> = goal ? { ...goal, from: words.dayIn(goal.from), deadline: words.dayIn(goal.deadline) } : usual(words.dayIn(new Date().toISOString()));
  const values = (Form.useWatch([], form) as Partial<Values> | undefined) ?? initial;
  const measure = values.metric?.measure ?? "events";
  const event = values.metric?.event ?? null;
  const properties = useRuleWords({ of: "properties", event: event ?? "" }, isOpen && event !== null && hasProperty(measure));
  const countable = properties.data?.filter((one) => !one.types || one.types.includes("number"));
  const [filters, setFilters] = useState<{ of: string | null; where: Comparison[] }>({ of: goal?.metric.event ?? null, where: goal?.metric.where ?? [] });
  // Another event has other properties.
  const where = filters.of === event ? filters.where : [];
  const problems = save.error ? asProblem(save.error).fields : NO_PROBLEMS;
  const metric = { name: "A", event, measure, property: hasProperty(measure) ? (values.metric?.property ?? null) : null, where: where.filter(isWhole) };

  function store({ name, segment, target, from, deadline }: Values) {
    clear();
    save.mutate(
      { id: goal?.id, version: goal?.version, name: name?.trim() || words.metric(metric), metric, segment: segment ?? null, target, from, deadline },
      {
        onSuccess: () => {
          toast(t("saved"));
          onClose();
        },
        onError: show,
      },
    );
  }

  return (
    <SideDrawer
      title={goal ? t("editTitle", { name: goal.name }) : t("new")}
      isOpen={isOpen}
      onClose={onClose}
      width={520}
      footer={<Button type="primary" block loading={save.isPending} onClick={form.submit}>{goal ? t("ui:save") : t("make")}</Button>}
    >
      <FormErrors problem={problem} />
      <Form form={form} layout="vertical" initialValues={initial} onFinish={store} requiredMark={false}>
        <Form.Item name={["metric", "measure"]} label={t("form.measure")}>
          <Select options={[...new Set([...MEASURES, measure])].map((value) => ({ value, label: t(`measure.${value}`) }))} />
        </Form.Item>
        <Form.Item
          name={["metric", "event"]}
          label={t("form.event")}
          getValueProps={(value: string | null) => ({ value: value ?? ANY })}
          normalize={(value: string) => (value === ANY ? null : value)}
        >
          <Select
            showSearch={{ optionFilterProp: "search" }}
            options={[
              { value: ANY, label: t("anyEvent"), search: t("anyEvent") },
              ...withKept(events.data?.map((one) => String(one.value)) ?? [], event).map((value) => ({ value, label: title(value), search: `${value} ${title(value)}` })),
            ]}
          />
        </Form.Item>
        {hasProperty(measure) && (
          <Form.Item name={["metric", "property"]} label={t("form.property")} rules={[{ required: true, message: t("form.propertyMissing") }]}>
            <Select
              showSearch
              disabled={event === null}
              placeholder={event === null ? t("form.eventFirst") : undefined}
              options={withKept(countable?.map((one) => String(one.value)) ?? [], values.metric?.property).map((value) => ({ value, label: value }))}
            />
          </Form.Item>
        )}
        <div className="h-goal-only">
          <span>{t("form.filters")}</span>
          <ChipFrame label={t("form.filters")} className="h-goal-filters" problems={problems}>
            <div className="h-rule-line">
              <WhereChips event={event} where={where} path="metric.where" onChange={(next) => setFilters({ of: event, where: next })} />
            </div>
          </ChipFrame>
        </div>
        <Form.Item name="segment" label={t("form.segment")}>
          <Select allowClear showSearch={{ optionFilterProp: "label" }} placeholder={t("form.everybody")} options={segments.data?.map((one) => ({ value: String(one.value), label: one.title ?? String(one.value) }))} />
        </Form.Item>
        <div className="h-goal-days">
          <Form.Item name="from" label={t("form.from")} rules={[{ required: true, message: t("form.dayMissing") }]}>
            <DateField allowClear={false} max={values.deadline} />
          </Form.Item>
          <Form.Item name="deadline" label={t("form.deadline")} extra={t("form.deadlineHelp")} rules={[{ required: true, message: t("form.dayMissing") }]}>
            <DateField allowClear={false} min={values.from} />
          </Form.Item>
        </div>
        <Form.Item
          name="target"
          label={t("form.target")}
          extra={values.from && values.deadline && (!hasProperty(measure) || metric.property) && <Pace metric={metric} segment={values.segment ?? null} from={values.from} deadline={values.deadline} />}
          rules={[{ required: true, message: t("form.targetMissing") }, { type: "number", min: Number.MIN_VALUE, message: t("form.targetSmall") }]}
        >
          <InputNumber className="h-goal-amount" min={0} />
        </Form.Item>
        <Form.Item name="name" label={t("form.name")}>
          <Input maxLength={100} autoComplete="off" placeholder={words.metric(metric)} />
        </Form.Item>
      </Form>
    </SideDrawer>
  );
}

/** What is chosen stays in the list, also when the server does not know it any more. */
function withKept(names: string[], kept: string | null | undefined): string[] {
  return kept && !names.includes(kept) ? [kept, ...names] : names;
}
