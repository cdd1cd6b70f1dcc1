import {
  AimOutlined,
  CheckSquareOutlined,
  CodeOutlined,
  DashboardOutlined,
  FileTextOutlined,
  HomeOutlined,
  ImportOutlined,
  LineChartOutlined,
  NodeIndexOutlined,
  PieChartOutlined,
  SendOutlined,
  SettingOutlined,
  TeamOutlined,
} from "@ant-design/icons";
import type { NavigationEntry } from "@/features/shell";

/**
 * The entries at the left, in the order of the house: Home, Members, Segments, Groups, Inbox, Content, Journeys, Campaigns,
 * Activities, Loyalty, Referrals, Feedback, Insight, Settings. An entry stands here when its pages work, not before.
 */
export const navigation: NavigationEntry[] = [
  { to: "/", labelKey: "shell:nav.home", icon: <HomeOutlined />, shortcut: "h" },
  { to: "/members", labelKey: "shell:nav.members", icon: <TeamOutlined />, shortcut: "m", area: "people" },
  { to: "/tasks", labelKey: "shell:nav.tasks", icon: <CheckSquareOutlined />, area: "outreach", shortcut: "t", under: "/members" },
  { to: "/imports", labelKey: "shell:nav.imports", icon: <ImportOutlined />, area: "ingest", under: "/members" },
  { to: "/segments", labelKey: "shell:nav.segments", icon: <PieChartOutlined />, shortcut: "e", area: "segments" },
  { to: "/templates", labelKey: "shell:nav.content", icon: <FileTextOutlined />, area: "outreach", shortcut: "c" },
  { to: "/deliveries", labelKey: "shell:nav.deliveries", icon: <SendOutlined />, area: "outreach", shortcut: "d", under: "/templates" },
  { to: "/journeys", labelKey: "shell:nav.journeys", icon: <NodeIndexOutlined />, shortcut: "j", area: "outreach" },
  { to: "/insight", labelKey: "shell:nav.insight", icon: <LineChartOutlined />, shortcut: "i", area: "people" },
  { to: "/insight/boards", labelKey: "shell:nav.boards", icon: <DashboardOutlined />, shortcut: "b", area: "people", under: "/insight" },
  { to: "/insight/goals", labelKey: "shell:nav.goals", icon: <AimOutlined />, area: "people", under: "/insight" },
  { to: "/insight/sql", labelKey: "shell:nav.sql", icon: <CodeOutlined />, area: "people", under: "/insight" },
  { to: "/settings", labelKey: "shell:nav.settings", icon: <SettingOutlined />, shortcut: "s" },
];
