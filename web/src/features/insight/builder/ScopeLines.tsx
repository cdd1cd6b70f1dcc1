import { CloseOutlined, FilterOutlined } from "@ant-design/icons";
import { Button, Dropdown } from "antd";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useChoices } from "@/features/members";
import { PickChip, ProblemLines, RuleBuilder, WordChip, useFieldStatus, type ChipPick } from "@/features/rules";
import { api, got, type FieldProblem } from "@/lib/api";
import type { Kind, Scope } from "../api/types";
import type { PageQuestion } from "../question/address";
import { BreakdownChips } from "./BreakdownChips";
import { DatesChips } from "./DatesChips";
import { Sentence } from "./Sentence";
import { WhereChips } from "./WhereChips";

/** Of these the answer tells groups apart. */
const BROKEN_DOWN: readonly Kind[] = ["funnel", "retention", "trend", "distribution"];

const NARROWINGS = ["where", "segment", "group", "channel", "members"] as const;
type Narrowing = (typeof NARROWINGS)[number];

interface ScopeLinesProps {
  kind: Kind;
  question: PageQuestion;
  change: (next: PageQuestion, field?: string) => void;
  problems: readonly FieldProblem[];
}

/** What all questions have in common: when, broken down by what, compared with what, and of whom. */
export function ScopeLines({ kind, question, change, problems }: ScopeLinesProps) {
  const { t } = useTranslation("insight");
  const scope: Scope = question;
  const [opened, setOpened] = useState<readonly Narrowing[]>([]);
  const isSaid = (one: Narrowing) => (one === "where" ? (scope.where ?? []).length > 0 : Boolean(scope[one]));
  const shown = NARROWINGS.filter((one) => isSaid(one) || opened.includes(one));
  const put = (part: Partial<Scope>, field?: string) => change({ ...question, ...part }, field);
  const isBroken = BROKEN_DOWN.includes(kind);

  function add(one: Narrowing) {
    setOpened([...opened, one]);
    if (one === "where") put({ where: [{ property: "", op: "eq", value: "" }] });
  }

  function remove(one: Narrowing) {
    setOpened(opened.filter((other) => other !== one));
    put({ [one]: undefined });
  }

  return (
    <div className="h-scope">
      <Sentence
        words={isBroken ? t("form.scopeBroken", { skipInterpolation: true }) : t("form.scope", { skipInterpolation: true })}
        slots={{
          dates: <DatesChips scope={scope} onChange={(dates) => put(dates)} />,
          by: <BreakdownChips scope={scope} onChange={put} />,
          compare: (
            <WordChip
              label={t("label.compare")}
              value={question.compare ?? "none"}
              options={(["none", "period", "year"] as const).map((one) => ({ value: one, label: t(`compareWith.${one}`) }))}
              onChange={(next) => change({ ...question, compare: next === "none" ? undefined : (next as "period" | "year") })}
            />
          ),
        }}
      />
      <ProblemLines id="from" />
      <ProblemLines id="to" />
      <ProblemLines id="zone" />
      <ProblemLines id="by" />
      {shown.map((one) => (
        <div key={one} className="h-rule-line h-narrowing">
          <span>{t(`narrow.${one}.words`)}</span>
          {one === "where" ? (
            <WhereChips event={null} where={scope.where} path="where" onChange={(where, field) => put({ where }, field)} />
          ) : one === "members" ? (
            <div className="h-narrowing-rule">
              <RuleBuilder compact value={scope.members ?? null} base="members" problems={problems} onChange={(members) => put({ members: members ?? undefined }, "members")} />
            </div>
          ) : (
            <OnePick of={one} value={scope[one] ?? ""} onChange={(id) => put({ [one]: id })} />
          )}
          {one !== "where" && <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t(`narrow.${one}.remove`)} onClick={() => remove(one)} />}
        </div>
      ))}
      {shown.length < NARROWINGS.length && (
        <Dropdown
          trigger={["click"]}
          menu={{
            items: NARROWINGS.filter((one) => !shown.includes(one)).map((one) => ({ key: one, label: t(`narrow.${one}.title`) })),
            onClick: ({ key }) => add(key as Narrowing),
          }}
        >
          <Button className="h-rule-add" size="small" type="text" icon={<FilterOutlined />}>{t("narrow.add")}</Button>
        </Dropdown>
      )}
    </div>
  );
}

function OnePick({ of, value, onChange }: { of: "segment" | "group" | "channel"; value: string; onChange: (id: string) => void }) {
  const { t } = useTranslation("insight");
  const segments = useChoices("segments", of === "segment");
  const groups = useChoices("groups", of === "group");
  const channels = useChannels(of === "channel");
  const list = { segment: segments, group: groups, channel: channels }[of];
  return (
    <>
      <PickChip
        label={t(`narrow.${of}.title`)}
        placeholder={t(`narrow.${of}.pick`)}
        value={value}
        options={list.data ?? []}
        isLoading={list.isFetching}
        status={useFieldStatus(of, "")}
        isNewest={value === ""}
        onChange={onChange}
      />
      <ProblemLines id={of} />
    </>
  );
}

function useChannels(isWanted: boolean) {
  return useQuery({
    queryKey: ["channels", "choices"],
    enabled: isWanted,
    staleTime: 60_000,
    queryFn: ({ signal }) => got(api.GET("/api/v1/channels", { params: { query: { limit: 200 } }, signal })),
    select: (page): ChipPick[] => page.items.map((one) => ({ value: one.id, label: one.name })),
  });
}
