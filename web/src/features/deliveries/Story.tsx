import {
  AimOutlined, BranchesOutlined, CheckCircleFilled, CheckSquareOutlined, ClockCircleOutlined, CloseCircleFilled, EyeOutlined, LoginOutlined,
  MinusCircleOutlined, SendOutlined, SmallDashOutlined, TagOutlined,
} from "@ant-design/icons";
import { Button } from "antd";
import { useId, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { useServerWords } from "@/lib/i18n/server-words";
import type { TrailLine } from "./api";
import { chaptersOf, particulars, signOf, type Sign } from "./words";
import "./story.css";

const ICONS: Record<Sign, ReactNode> = {
  begin: <LoginOutlined />,
  wait: <ClockCircleOutlined />,
  way: <BranchesOutlined />,
  send: <SendOutlined />,
  good: <CheckCircleFilled />,
  bad: <CloseCircleFilled />,
  seen: <EyeOutlined />,
  stop: <MinusCircleOutlined />,
  task: <CheckSquareOutlined />,
  mark: <TagOutlined />,
  now: <AimOutlined />,
  plain: <SmallDashOutlined />,
};

interface StoryProps {
  /** What was decided, in order of time, as `explain` tells it. */
  trail: readonly TrailLine[];
  /** Whether there is more than is told here. */
  isCut?: boolean;
  /** In whose zone the sentences tell times; said when it is not the workspace's. */
  timeZone?: string;
  /** What a run is called, when several are told of. */
  titleOfRun?: (run: string) => ReactNode;
}

/** What happened and why, from the first decision to now: one sentence each, with its particulars behind a button. */
export function Story({ trail, isCut = false, timeZone, titleOfRun }: StoryProps) {
  const { t } = useTranslation("deliveries");
  const formats = useFormats();
  const chapters = chaptersOf(trail);
  if (trail.length === 0) return <p className="h-quiet">{t("story.empty")}</p>;
  return (
    <div className="h-story">
      {timeZone && timeZone !== formats.timeZone && <p className="h-quiet">{t("story.zone", { zone: timeZone })}</p>}
      {chapters.map((chapter, index) => (
        <section key={`${chapter.run ?? "all"}${index}`}>
          {chapters.length > 1 && (
            <h3 className="h-story-run">
              {chapter.run && titleOfRun ? titleOfRun(chapter.run) : chapter.key ? t("story.runOf", { key: chapter.key }) : t("story.run", { number: index + 1 })}
            </h3>
          )}
          <ol>
            {chapter.lines.map((line, place) => (
              <StoryLine key={`${line.at}${line.what}${place}`} line={line} isSameMoment={chapter.lines[place - 1]?.at === line.at} />
            ))}
          </ol>
        </section>
      ))}
      {isCut && <p className="h-quiet">{t("story.cut")}</p>}
    </div>
  );
}

function StoryLine({ line, isSameMoment }: { line: TrailLine; isSameMoment: boolean }) {
  const { t } = useTranslation("deliveries");
  const formats = useFormats();
  const say = useServerWords();
  const [isOpen, setIsOpen] = useState(false);
  const id = useId();
  const sign = signOf(line.what);
  const details = particulars(line.detail);
  return (
    <li className={`h-story-line is-${sign}`}>
      <span className="h-story-sign" aria-hidden>
        {ICONS[sign]}
      </span>
      <div className="h-story-words">
        <time dateTime={line.at} className={isSameMoment ? "h-heard" : "h-story-time"} title={formats.relative(line.at)}>
          {formats.time(line.at)}
        </time>
        <p>
          {say(line)}
          {details.length > 0 && (
            <Button
              type="text"
              size="small"
              className="h-story-more"
              icon={<SmallDashOutlined />}
              aria-label={t("story.details")}
              aria-expanded={isOpen}
              aria-controls={id}
              onClick={() => setIsOpen(!isOpen)}
            />
          )}
        </p>
        {isOpen && (
          <dl id={id} className="h-story-details">
            {details.map(([name, value]) => (
              <div key={name}>
                <dt className="h-code">{name}</dt>
                <dd className="h-code">{value}</dd>
              </div>
            ))}
          </dl>
        )}
      </div>
    </li>
  );
}
