import { ApartmentOutlined, BarChartOutlined, ClockCircleOutlined, FunnelPlotOutlined, HeartOutlined, LineChartOutlined, PartitionOutlined, RetweetOutlined } from "@ant-design/icons";
import { Button } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Empty, Panel } from "@/ui";
import type { Kind, Questions } from "./api/types";
import { useQuestionTitle } from "./question/title";
import { EXAMPLES, STARTS } from "./question/starts";

const ICONS: Record<Kind, ReactNode> = {
  funnel: <FunnelPlotOutlined />, retention: <RetweetOutlined />, trend: <LineChartOutlined />, path: <PartitionOutlined />, distribution: <BarChartOutlined />,
  interval: <ClockCircleOutlined />, lifecycle: <HeartOutlined />, attribution: <ApartmentOutlined />,
};

/** Before anything is asked: what such a question is for, and one that can be taken over. */
export function EmptyQuestion<K extends Kind>({ kind, onTake }: { kind: K; onTake: (question: Questions[K]) => void }) {
  const { t } = useTranslation("insight");
  const example = useQuestionTitle(kind, EXAMPLES[kind]);
  return (
    <Panel>
      <Empty
        icon={ICONS[kind]}
        title={t(`kinds.${kind}.question`)}
        action={
          <div className="h-empty-acts">
            <Button type="primary" onClick={() => onTake(EXAMPLES[kind])}>{t("empty.take")}</Button>
            <Button onClick={() => onTake(STARTS[kind])}>{t("empty.own")}</Button>
          </div>
        }
        example={t("empty.example", { question: example })}
      >
        {t(`kinds.${kind}.why`)}
      </Empty>
    </Panel>
  );
}
