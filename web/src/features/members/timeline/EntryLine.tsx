import {
  ApartmentOutlined, AuditOutlined, BranchesOutlined, CommentOutlined, EyeOutlined, IdcardOutlined, MailOutlined, MergeCellsOutlined,
  PieChartOutlined, RiseOutlined, SafetyOutlined, ShareAltOutlined, ShoppingOutlined, TagOutlined,
} from "@ant-design/icons";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { MemberChip } from "../MemberChip";
import { Source } from "../Thing";
import type { Entry } from "./api";
import { Particulars } from "./Particulars";
import { tell, type Sign } from "./words";

const ICONS: Record<Sign, ReactNode> = {
  shop: <ShoppingOutlined />,
  page: <EyeOutlined />,
  talk: <CommentOutlined />,
  share: <ShareAltOutlined />,
  profile: <IdcardOutlined />,
  message: <MailOutlined />,
  journey: <BranchesOutlined />,
  tag: <TagOutlined />,
  segment: <PieChartOutlined />,
  stage: <RiseOutlined />,
  consent: <SafetyOutlined />,
  merge: <MergeCellsOutlined />,
  task: <AuditOutlined />,
  other: <ApartmentOutlined />,
};

/** One entry: what happened, when, and on demand everything that is known of it. */
export function EntryLine({ entry }: { entry: Entry }) {
  const { t } = useTranslation("timeline");
  const formats = useFormats();
  const [isOpen, setIsOpen] = useState(false);
  const told = tell(entry);
  return (
    <li className={`h-entry is-${told.sign}`}>
      <span className="h-entry-icon" aria-hidden>{ICONS[told.sign]}</span>
      <div className="h-entry-words">
        <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
          <summary>
            <strong>{told.key ? t(told.key as never) : entry.name}</strong>
          </summary>
          {isOpen && <Whole entry={entry} />}
        </details>
        {told.details.length > 0 && <Particulars pieces={told.details} />}
        {told.quote && <blockquote>{told.quote}</blockquote>}
        {entry.member && (
          <span className="h-quiet">
            {t("was")} <MemberChip id={entry.member} />
          </span>
        )}
      </div>
      <time dateTime={entry.timestamp} title={formats.time(entry.timestamp)} className="h-entry-time">
        {timeOfDay(formats.time(entry.timestamp))}
      </time>
    </li>
  );
}

/** The part of a full moment behind the date; the date stands above. */
function timeOfDay(moment: string): string {
  return /\d{2}:\d{2}(?=:\d{2})/.exec(moment)?.[0] ?? moment;
}

function Whole({ entry }: { entry: Entry }) {
  const { t } = useTranslation("timeline");
  const formats = useFormats();
  const context = Object.keys(entry.context ?? {}).length > 0;
  return (
    <div className="h-entry-whole">
      <dl>
        <div>
          <dt>{t("whole.event")}</dt>
          <dd className="h-code">{entry.name}</dd>
        </div>
        <div>
          <dt>{t("whole.source")}</dt>
          <dd>
            <Source source={entry.source} />
          </dd>
        </div>
        <div>
          <dt>{t("whole.happened")}</dt>
          <dd>{formats.time(entry.timestamp)}</dd>
        </div>
        <div>
          <dt>{t("whole.arrived")}</dt>
          <dd>{formats.time(entry.received_at)}</dd>
        </div>
      </dl>
      <pre className="h-code" tabIndex={0} aria-label={t("whole.properties")}>{JSON.stringify(entry.properties, null, 2)}</pre>
      {context && <pre className="h-code" tabIndex={0} aria-label={t("whole.context")}>{JSON.stringify(entry.context, null, 2)}</pre>}
    </div>
  );
}
