import { useTranslation } from "react-i18next";
import { Panel, Time } from "@/ui";
import { Thing } from "../Thing";
import type { Member } from "./api";

/** The segments in which the member is now. */
export function SegmentsPanel({ member }: { member: Member }) {
  const { t } = useTranslation("members");
  const since = (member as { segments_since?: Record<string, string> }).segments_since;
  return (
    <Panel title={t("profile.segments")}>
      {member.segments.length === 0 && <span className="h-quiet">{t("profile.noSegments")}</span>}
      <ul className="h-in-segments">
        {member.segments.map((id) => (
          <li key={id}>
            <Thing id={id} />
            {since?.[id] && (
              <span className="h-quiet">
                <Time at={since[id]} />
              </span>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
