import { Alert, Button, Form, Segmented, Select } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { useCan } from "@/lib/session";
import { ErrorState, FormErrors, Loading, SideDrawer, useFormProblem, useUndoToast } from "@/ui";
import { useChoices } from "../choices";
import { useBulk, useBulkPreview, type BulkPreview } from "./api";
import { actOf, segmentOf, type Target } from "./target";
import "./bulk.css";

interface BulkDrawerProps {
  target: Target | null;
  isOpen: boolean;
  onClose: () => void;
  onDone: () => void;
}

interface BulkForm {
  kind: "tags" | "enter";
  add?: string[];
  remove?: string[];
  days?: number | null;
  journey?: string;
}

const DAYS = [7, 30, 90, 365];

/** Something is done to many members; the numbers stand there before it begins. */
export function BulkDrawer({ target, isOpen, onClose, onDone }: BulkDrawerProps) {
  const { t } = useTranslation("members");
  const formats = useFormats();
  const mayTag = useCan("people", "write");
  const mayEnter = useCan("outreach", "write");
  const [form] = Form.useForm<BulkForm>();
  const values = Form.useWatch([], form) ?? { kind: "tags" };
  const { problem, show, clear } = useFormProblem(form);
  const [opened] = useState(() => new Date());
  const text = JSON.stringify(values);
  const act = useMemo(() => actOf(JSON.parse(text) as BulkForm, opened), [text, opened]);
  const preview = useBulkPreview(isOpen ? target : null, act);
  const bulk = useBulk();
  const toast = useUndoToast();
  const tags = useChoices("tags", isOpen);
  const journeys = useChoices("journeys", isOpen && mayEnter);
  const kind = values.kind ?? "tags";
  const needsSegment = kind === "enter" && target !== null && "filter" in target && segmentOf(target.filter) === null;

  async function begin() {
    if (!target || !act || !preview.data) return;
    clear();
    try {
      const begun = await bulk.mutateAsync({ target, act, expected: preview.data.members });
      const count = begun.members ?? preview.data.members;
      toast(begun.job_id ? t("bulk.begun", { count }) : t("bulk.done", { count }));
      onDone();
    } catch (error) {
      show(error);
      void preview.refetch();
    }
  }

  const count = preview.data?.members ?? 0;
  const tagOptions = (isRemoval: boolean) =>
    (tags.data ?? []).filter((tag) => isRemoval || tag.kind !== "dynamic").map((tag) => ({ value: tag.value, label: tag.label }));
  return (
    <SideDrawer
      title={t("bulk.title")}
      isOpen={isOpen}
      onClose={onClose}
      footer={
        <Button type="primary" block loading={bulk.isPending} disabled={!act || needsSegment || !preview.data || count === 0} onClick={() => void begin()}>
          {!act ? t("bulk.choose") : kind === "tags" ? t("bulk.changeTags", { count }) : t("bulk.enter", { count })}
        </Button>
      }
    >
      <FormErrors problem={problem} />
      <Form form={form} layout="vertical" initialValues={{ kind: mayTag ? "tags" : "enter" }}>
        <Form.Item name="kind" label={t("bulk.what")}>
          <Segmented
            block
            options={[
              ...(mayTag ? [{ value: "tags", label: t("bulk.kinds.tags") }] : []),
              ...(mayEnter ? [{ value: "enter", label: t("bulk.kinds.enter") }] : []),
            ]}
          />
        </Form.Item>
        {kind === "tags" ? (
          <>
            <Form.Item name="add" label={t("bulk.add")} extra={t("bulk.addHelp")}>
              <Select mode="tags" tokenSeparators={[",", "，", "、"]} placeholder={t("bulk.addPlaceholder")} options={tagOptions(false)} loading={tags.isPending} />
            </Form.Item>
            {(values.add?.length ?? 0) > 0 && (
              <Form.Item name="days" label={t("bulk.until")}>
                <Select allowClear placeholder={t("bulk.forever")} options={DAYS.map((days) => ({ value: days, label: t("bulk.days", { count: days }) }))} />
              </Form.Item>
            )}
            <Form.Item name="remove" label={t("bulk.remove")}>
              <Select mode="multiple" placeholder={t("bulk.removePlaceholder")} options={tagOptions(true)} loading={tags.isPending} />
            </Form.Item>
          </>
        ) : (
          <Form.Item name="journey" label={t("bulk.journey")} extra={t("bulk.journeyHelp")}>
            <Select
              showSearch={{ optionFilterProp: "label" }}
              placeholder={t("bulk.journeyPlaceholder")}
              loading={journeys.isPending}
              options={(journeys.data ?? []).map((one) => ({ value: one.value, label: one.label, disabled: one.kind !== undefined && one.kind !== "live" }))}
              notFoundContent={t("bulk.noJourney")}
            />
          </Form.Item>
        )}
      </Form>
      <section className="h-bulk-preview" aria-live="polite" aria-busy={preview.isFetching}>
        <h2>{t("bulk.preview")}</h2>
        {!act && <p className="h-quiet">{t("bulk.chooseFirst")}</p>}
        {act && needsSegment && <p>{t("bulk.needsSegment")}</p>}
        {act && !needsSegment && preview.isPending && <Loading rows={2} />}
        {act && preview.isError && !preview.data && (
          <div className="h-bulk-error">{preview.error && <ErrorState error={preview.error} retry={() => void preview.refetch()} />}</div>
        )}
        {act && !needsSegment && preview.data && <Numbers preview={preview.data} />}
        {act && kind === "tags" && <Alert type="info" showIcon title={t("bulk.noUndo")} />}
        {act && preview.data && count === 0 && <p>{t("bulk.nobody")}</p>}
      </section>
      <span className="h-heard" role="status">{preview.data && !preview.isFetching ? formats.number(count) : ""}</span>
    </SideDrawer>
  );
}

function Numbers({ preview }: { preview: BulkPreview }) {
  const { t, i18n } = useTranslation("members");
  const formats = useFormats();
  const refused = Object.entries(preview.refusals ?? {}).filter(([, number]) => number > 0);
  const rows: [string, number | null | undefined][] = [
    [t("bulk.members"), preview.members],
    [preview.exact === false ? t("bulk.wouldChangeAbout") : t("bulk.wouldChange"), preview.would_change],
    [preview.exact === false ? t("bulk.unchangedAbout") : t("bulk.unchanged"), preview.unchanged],
    ...refused.map(([code, number]): [string, number] => [
      t("bulk.refused", { reason: i18n.exists(`members:bulk.reasons.${code}`) ? t(`bulk.reasons.${code}`) : code }),
      number,
    ]),
  ];
  return (
    <dl className="h-bulk-numbers">
      {rows
        .filter(([, number]) => number !== null && number !== undefined)
        .map(([label, number]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{formats.number(number ?? 0)}</dd>
          </div>
        ))}
    </dl>
  );
}
