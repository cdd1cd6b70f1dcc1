import { ApartmentOutlined, BarChartOutlined, ClockCircleOutlined, FunnelPlotOutlined, HeartOutlined, LineChartOutlined, PartitionOutlined, RetweetOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useMemo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Empty, Panel } from "@/ui";
import { useInsightNames } from "./api/ask";
import type { Kind, Questions } from "./api/types";
import { exampleFor } from "./question/example";
import { STARTS } from "./question/starts";
import { useQuestionTitle } from "./question/title";

const ICONS: Record<Kind, ReactNode> = {
  funnel: <FunnelPlotOutlined />, retention: <RetweetOutlined />, trend: <LineChartOutlined />, path: <PartitionOutlined />, distribution: <BarChartOutlined />,
  interval: <ClockCircleOutlined />, lifecycle: <HeartOutlined />, attribution: <ApartmentOutlined />,
};

const called = (things: readonly { name: string }[] = []) => things.map(({ name }) => name);

/** Before anything is asked: what such a question is for, and one that can be taken over. */
export function EmptyQuestion<K extends Kind>({ kind, onTake }: { kind: K; onTake: (question: Questions[K]) => void }) {
  const { t } = useTranslation("insight");
  const names = useInsightNames().data;
  const example = useMemo(() => exampleFor(kind, called(names?.events), called(names?.properties)), [kind, names]);
  const title = useQuestionTitle(kind, example);
  return (
    <Panel>
      <Empty
        icon={ICONS[kind]}
        title={t(`kinds.${kind}.question`)}
        action={
          <div className="h-empty-acts">
            <Button type="primary" onClick={() => onTake(example)}>{t("empty.take")}</Button>
            <Button onClick={() => onTake(STARTS[kind])}>{t("empty.own")}</Button>
          </div>
        }
        example={t("empty.example", { question: title })}
      >
        {t(`kinds.${kind}.why`)}
      </Empty>
    </Panel>
  );
}
