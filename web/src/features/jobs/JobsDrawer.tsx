import { ThunderboltOutlined } from "@ant-design/icons";
import { Badge, Button } from "antd";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Loading, SideDrawer, useUrlDrawer } from "@/ui";
import { moves, useJobs } from "./api";

const JobList = lazy(() => import("./JobList").then((module) => ({ default: module.JobList })));

/** Background work: how many jobs run, and a drawer that shows and stops them. It survives a reload, as the jobs do. */
export function JobsButton() {
  const { t } = useTranslation("jobs");
  const drawer = useUrlDrawer("jobs");
  const jobs = useJobs();
  const running = jobs.data?.filter(moves).length ?? 0;
  return (
    <>
      <Badge count={running} size="small" offset={[-6, 6]}>
        <Button
          type="text"
          icon={<ThunderboltOutlined />}
          aria-label={running > 0 ? t("openRunning", { count: running }) : t("title")}
          onClick={() => drawer.open("open")}
        />
      </Badge>
      <SideDrawer title={t("title")} isOpen={drawer.value !== undefined} onClose={drawer.close}>
        <Suspense fallback={<Loading />}>
          <JobList query={jobs} />
        </Suspense>
      </SideDrawer>
    </>
  );
}
