import { CloseOutlined, PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { Fragment, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useRuleWords, type RuleWord } from "../api";
import { KNOWN_EVENTS } from "../known-events";
import { KNOWN_TRAITS } from "../known-traits";
import { MAX_STEPS, MEASURES, MIN_STEPS, ORDER_OPERATORS, givesAnyValue, type Measure, type NamedKind } from "../model/grammar";
import { newStep } from "../model/new-nodes";
import type { EventNode, NamedNode, SequenceNode, Step, TraitNode } from "../model/tree";
import { partsOf } from "../sentence/pattern";
import { eventTitle, patternOf } from "../sentence/words";
import { useEditor, useFieldStatus } from "./editor";
import { FilterChips, PropertyChip, useProperties } from "./FilterChips";
import { NumberChip } from "./NumberChip";
import { PeriodChip } from "./PeriodChip";
import { PickChip, WordChip, type Pick } from "./PickChip";
import { TestChips } from "./TestChips";
import { ProblemLines } from "./ProblemLines";

/** Chips and words in the order of the language. */
export function Row({ pattern, slots }: { pattern: string; slots: Record<string, ReactNode> }) {
  const { words } = useEditor();
  return partsOf(patternOf(words, pattern)).map((part, index) =>
    "slot" in part ? <Fragment key={part.slot}>{slots[part.slot]}</Fragment> : part.words.trim() && <span key={`words${index}`}>{part.words}</span>,
  );
}

/** "are tagged | are not tagged": whether a condition is asked for or its opposite. */
function HoldsChip({ node, kind }: { node: { isNegated: boolean } & Parameters<ReturnType<typeof useEditor>["put"]>[0]; kind: string }) {
  const { t } = useTranslation("rules");
  const { put } = useEditor();
  return (
    <WordChip
      label={t("label.holds")}
      value={node.isNegated ? "no" : "yes"}
      options={[
        { value: "yes", label: t(`holds.${kind}.yes`) },
        { value: "no", label: t(`holds.${kind}.no`) },
      ]}
      onChange={(next) => put({ ...node, isNegated: next === "no" })}
    />
  );
}

export function TraitRow({ node }: { node: TraitNode }) {
  const { t } = useTranslation("rules");
  const { put, newest, words, isDisabled } = useEditor();
  const traits = useRuleWords({ of: "traits" });
  const status = { op: useFieldStatus(node.id, "op"), value: useFieldStatus(node.id, "value") };
  const names = new Set([...(traits.data ?? []).map((word) => String(word.value)), ...KNOWN_TRAITS]);
  const options = [...names].map((name): Pick => {
    const title = words.names.trait?.(name) ?? titleOf(traits.data, name) ?? (KNOWN_TRAITS.includes(name) ? t(`traits.${name}`) : name);
    return { value: name, label: title, hint: title === name ? undefined : name };
  });
  const opposite = OPPOSITES[node.op];
  return (
    <Row
      pattern="row.trait"
      slots={{
        holds: <HoldsChip node={node} kind="trait" />,
        trait: (
          <PickChip
            isFree
            label={t("label.trait")}
            placeholder={t("pick.trait")}
            value={node.name}
            options={options}
            isLoading={traits.isFetching}
            status={useFieldStatus(node.id, "trait")}
            isNewest={newest === node.id}
            onChange={(name) => put({ ...node, name })}
          />
        ),
        test: (
          <TestChips
            test={node}
            asked={node.name ? { of: "values", trait: node.name } : null}
            word={traits.data?.find((word) => word.value === node.name)}
            status={status}
            onChange={(test, isTyping) => put({ ...node, ...test }, isTyping ? `${node.id}.value` : undefined)}
          />
        ),
        also: opposite && !node.isNegated && !isDisabled && node.name && (
          <Button className="h-rule-also" type="link" size="small" onClick={() => put({ ...node, op: opposite, isNegated: true })}>
            {t("alsoUnknown")}
          </Button>
        ),
      }}
    />
  );
}

/** "is not 上海" asks that the city is known; the opposite of "is 上海" takes those of whom it is not known, too. */
const OPPOSITES: Record<string, string> = { ne: "eq", nin: "in", ine: "ieq", inin: "iin" };

function titleOf(list: RuleWord[] | undefined, value: string): string | undefined {
  return list?.find((word) => word.value === value)?.title;
}

const LISTS: Record<NamedKind, "tags" | "stages" | "segments" | "groups"> = { tag: "tags", stage: "stages", segment: "segments", group: "groups" };

export function NamedRow({ node }: { node: NamedNode }) {
  const { t } = useTranslation("rules");
  const { put, newest, ownSegment } = useEditor();
  const list = useRuleWords({ of: LISTS[node.kind] });
  const named = useFieldStatus(node.id, node.kind);
  const unknown = useFieldStatus(node.id, "name");
  const options = (list.data ?? [])
    .filter((word) => node.kind !== "segment" || word.value !== ownSegment)
    .map((word): Pick => {
      const value = String(word.value);
      return { value, label: word.title ?? value, hint: word.members === undefined ? undefined : t("pick.members", { count: word.members }) };
    });
  return (
    <Row
      pattern="row.named"
      slots={{
        holds: <HoldsChip node={node} kind={node.kind} />,
        name: (
          <PickChip
            isFree
            label={t(`label.${node.kind}`)}
            placeholder={t(`pick.${node.kind}`)}
            value={node.name}
            options={options}
            isLoading={list.isFetching}
            status={named ?? unknown}
            isNewest={newest === node.id}
            onChange={(name) => put({ ...node, name })}
          />
        ),
      }}
    />
  );
}

function EventChip({ value, onChange, status, isNewest }: { value: string; onChange: (event: string) => void; status?: "error"; isNewest?: boolean }) {
  const { t } = useTranslation("rules");
  const { words } = useEditor();
  const events = useRuleWords({ of: "events" });
  const offered = events.data?.length ? events.data.map((word) => String(word.value)) : Object.keys(KNOWN_EVENTS);
  // What nobody has done yet is in no list, and is called as everywhere else all the same.
  const names = Object.hasOwn(KNOWN_EVENTS, value) && !offered.includes(value) ? [value, ...offered] : offered;
  const options = names.map((name): Pick => {
    const isKnown = Object.hasOwn(KNOWN_EVENTS, name);
    return { value: name, label: isKnown ? eventTitle(words, name) : name, hint: isKnown ? name : undefined };
  });
  return (
    <PickChip
      isFree
      label={t("label.event")}
      placeholder={t("pick.event")}
      value={value}
      options={options}
      isLoading={events.isFetching}
      status={status}
      isNewest={isNewest}
      onChange={onChange}
    />
  );
}

export function EventRow({ node }: { node: EventNode }) {
  const { t } = useTranslation("rules");
  const { put, newest } = useEditor();
  const properties = useProperties(node.event);
  const inMeasure = (field: string) => `${node.measure}.${field}`;
  const status = { op: useFieldStatus(node.id, inMeasure("op")), value: useFieldStatus(node.id, inMeasure("value")) };
  const property = useFieldStatus(node.id, inMeasure("property"));
  const isAny = givesAnyValue(node.measure);
  const times = t("times", { count: node.measure === "count" && typeof node.value === "number" ? node.value : 2 });

  function chooseMeasure(measure: Measure) {
    const keeps = givesAnyValue(measure) === isAny;
    const test = keeps ? {} : givesAnyValue(measure) ? { op: "eq", value: "" } : { op: "gte", value: 1 };
    put({ ...node, measure, ...test });
  }

  return (
    <Row
      pattern={node.measure === "count" ? "row.count" : "row.event"}
      slots={{
        holds: <HoldsChip node={node} kind={node.measure === "count" ? "event" : "measure"} />,
        event: (
          <EventChip
            value={node.event}
            status={useFieldStatus(node.id, "event")}
            isNewest={newest === node.id}
            onChange={(event) => put({ ...node, event })}
          />
        ),
        where: <FilterChips event={node.event} where={node.where} onChange={(where, field) => put({ ...node, where }, field)} />,
        within: <PeriodChip frame="within" value={node.within} status={useFieldStatus(node.id, "within")} onChange={(within) => put({ ...node, within }, `${node.id}.within`)} />,
        measure: (
          <>
            <WordChip
              label={t("label.measure")}
              value={node.measure}
              options={MEASURES.map((measure) => ({ value: measure, label: measure === "count" ? times : t(`measures.${measure}`) }))}
              onChange={(next) => chooseMeasure(next as Measure)}
            />
            {node.measure !== "count" && <PropertyChip event={node.event} value={node.property} status={property} onChange={(next) => put({ ...node, property: next })} />}
          </>
        ),
        test: isAny ? (
          <TestChips
            test={node}
            asked={node.event && node.property ? { of: "values", event: node.event, property: node.property } : null}
            word={properties.data?.find((word) => word.value === node.property)}
            status={status}
            onChange={(test, isTyping) => put({ ...node, ...test }, isTyping ? `${node.id}.value` : undefined)}
          />
        ) : (
          <>
            <WordChip
              label={t("label.operator")}
              value={node.op}
              status={status.op}
              options={ORDER_OPERATORS.map((op) => ({ value: op, label: t(`countOp.${op}`) }))}
              onChange={(op) => put({ ...node, op })}
            />
            <NumberChip
              label={t("label.number")}
              value={node.value}
              min={node.measure === "count" || node.measure === "distinct" ? 0 : undefined}
              isWhole={node.measure === "count" || node.measure === "distinct"}
              status={status.value}
              onChange={(value) => put({ ...node, value }, `${node.id}.value`)}
            />
          </>
        ),
      }}
    />
  );
}

export function SequenceRow({ node }: { node: SequenceNode }) {
  const { t } = useTranslation("rules");
  const { put, newest, isDisabled } = useEditor();
  const change = (step: Step, field?: string) => put({ ...node, steps: node.steps.map((one) => (one.id === step.id ? step : one)) }, field);
  return (
    <>
      <span className="h-rule-line">
        <HoldsChip node={node} kind="sequence" />
        <PeriodChip frame="sequence" value={node.within} status={useFieldStatus(node.id, "within")} onChange={(within) => put({ ...node, within }, `${node.id}.within`)} />
      </span>
      <ol className="h-rule-steps">
        {node.steps.map((step, index) => (
          <li key={step.id}>
            <SequenceStep step={step} isNewest={index === 0 && newest === node.id} onChange={change} />
            {!isDisabled && node.steps.length > MIN_STEPS && (
              <Button
                size="small"
                type="text"
                icon={<CloseOutlined />}
                aria-label={t("remove.step")}
                onClick={() => put({ ...node, steps: node.steps.filter((one) => one.id !== step.id) })}
              />
            )}
            <ProblemLines id={step.id} />
          </li>
        ))}
      </ol>
      {!isDisabled && node.steps.length < MAX_STEPS && (
        <Button className="h-chip-add" size="small" type="dashed" icon={<PlusOutlined />} onClick={() => put({ ...node, steps: [...node.steps, newStep()] })}>
          {t("add.step")}
        </Button>
      )}
    </>
  );
}

function SequenceStep({ step, isNewest, onChange }: { step: Step; isNewest: boolean; onChange: (step: Step, field?: string) => void }) {
  const status = useFieldStatus(step.id, "event");
  return (
    <>
      <EventChip value={step.event} status={status} isNewest={isNewest} onChange={(event) => onChange({ ...step, event })} />
      <FilterChips event={step.event} where={step.where} onChange={(where, field) => onChange({ ...step, where }, field)} />
    </>
  );
}
