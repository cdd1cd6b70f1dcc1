import {
  ApartmentOutlined, ClockCircleOutlined, FlagOutlined, IdcardOutlined, OrderedListOutlined, PieChartOutlined, PlusOutlined, TagOutlined,
  TeamOutlined, ThunderboltOutlined,
} from "@ant-design/icons";
import { Button, Dropdown } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { isInsideBeen } from "../model/edit";
import { newNode, type NewKind } from "../model/new-nodes";
import { useEditor } from "./editor";

const KINDS: [NewKind, ReactNode][] = [
  ["event", <ThunderboltOutlined key="event" aria-hidden />],
  ["trait", <IdcardOutlined key="trait" aria-hidden />],
  ["tag", <TagOutlined key="tag" aria-hidden />],
  ["stage", <FlagOutlined key="stage" aria-hidden />],
  ["segment", <PieChartOutlined key="segment" aria-hidden />],
  ["group", <TeamOutlined key="group" aria-hidden />],
  ["sequence", <OrderedListOutlined key="sequence" aria-hidden />],
  ["been", <ClockCircleOutlined key="been" aria-hidden />],
  ["any", <ApartmentOutlined key="any" aria-hidden />],
];

/** The button below a group, with all that can be asked of a member. */
export function AddCondition({ groupId, isFirst }: { groupId: string; isFirst: boolean }) {
  const { t } = useTranslation("rules");
  const { add, root } = useEditor();
  const offered = KINDS.filter(([kind]) => kind !== "been" || !isInsideBeen(root, groupId));
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        className: "h-rule-kinds",
        items: offered.map(([kind, icon]) => ({
          key: kind,
          icon,
          label: (
            <span className="h-rule-kind">
              <span>{t(`kinds.${kind}.title`)}</span>
              <span className="h-quiet">{t(`kinds.${kind}.help`)}</span>
            </span>
          ),
        })),
        onClick: ({ key }) => add(newNode(key as NewKind), groupId),
      }}
    >
      <Button className="h-rule-add" size="small" type={isFirst ? "primary" : "dashed"} icon={<PlusOutlined />}>
        {isFirst ? t("add.first") : t("add.condition")}
      </Button>
    </Dropdown>
  );
}
