import { ApiOutlined, BranchesOutlined, CalendarOutlined, CheckSquareOutlined, ClockCircleOutlined, FormOutlined, ImportOutlined, LoginOutlined, LogoutOutlined, PercentageOutlined, QuestionCircleOutlined, SendOutlined, StopOutlined, TagOutlined, TeamOutlined, ThunderboltOutlined, UserSwitchOutlined } from "@ant-design/icons";
import type { ReactNode } from "react";

const STEPS: Record<string, ReactNode> = {
  wait: <ClockCircleOutlined />,
  branch: <BranchesOutlined />,
  split: <PercentageOutlined />,
  holdout: <UserSwitchOutlined />,
  send: <SendOutlined />,
  tag: <TagOutlined />,
  set: <FormOutlined />,
  webhook: <ApiOutlined />,
  task: <CheckSquareOutlined />,
  exit: <StopOutlined />,
};

const ENTRIES: Record<string, ReactNode> = {
  event: <ThunderboltOutlined />,
  segment: <LoginOutlined />,
  segment_left: <LogoutOutlined />,
  date: <CalendarOutlined />,
  schedule: <CalendarOutlined />,
  manual: <TeamOutlined />,
  import: <ImportOutlined />,
};

export function StepIcon({ type }: { type: string }) {
  return STEPS[type] ?? <QuestionCircleOutlined />;
}

export function EntryIcon({ kind }: { kind: string | null }) {
  return (kind && ENTRIES[kind]) ?? <QuestionCircleOutlined />;
}
