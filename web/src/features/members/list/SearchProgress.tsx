import { Button } from "antd";
import { LoadingOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import type { MemberList } from "./useMemberList";

/** How far the search has come among all members, and a way to stop it or to go on. */
export function SearchProgress({ list }: { list: MemberList }) {
  const { t } = useTranslation("members");
  const { search, items } = list;
  // A search that ended, or filled the screen, needs no words.
  if (!search || search.isDone || (!search.isGoing && items.length >= 50)) return null;
  const values = { count: search.looked, found: items.length };
  return (
    <div className="h-members-search" role="status">
      {search.isGoing && <LoadingOutlined aria-hidden />}
      <span>{search.isGoing ? t("list.searching", values) : t("list.stopped", values)}</span>
      <Button size="small" onClick={search.isGoing ? search.stop : search.goOn}>
        {search.isGoing ? t("list.stop") : t("list.goOn")}
      </Button>
    </div>
  );
}
