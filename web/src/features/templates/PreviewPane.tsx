import { DesktopOutlined, MobileOutlined, MoonOutlined, SunOutlined } from "@ant-design/icons";
import { Alert, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { MemberPicker } from "@/features/members";
import { asProblem } from "@/lib/api";
import { useServerWords } from "@/lib/i18n/server-words";
import { ErrorState, Loading } from "@/ui";
import { usePreview, type Preview } from "./api";
import type { Draft, Variant } from "./draft";
import { MailFrame } from "./MailFrame";
import { remember, remembered } from "@/lib/storage";
import "./preview.css";

interface PreviewPaneProps {
  id: string | undefined;
  /** Already at rest: what is typed reaches it after a pause. */
  draft: Draft;
  variant: Variant;
  member: string | undefined;
  onMember: (member: string | undefined) => void;
}

type Device = "phone" | "desktop" | "text";
const WIDTHS = { phone: 390, desktop: 640 };

/** How the message reads for a chosen member, on a phone or a desk, by day or by night. */
export function PreviewPane({ id, draft, variant, member, onMember }: PreviewPaneProps) {
  const { t } = useTranslation("templates");
  const [device, setDevice] = useState<Device>(() => remembered("templates.device", "phone"));
  const [isDark, setIsDark] = useState(false);
  const preview = usePreview(id, draft, { member, language: variant === "all" ? undefined : variant });
  const isMail = draft.channel_kind === "email";
  const shown: Device = isMail ? device : "text";
  return (
    <section className="h-preview" aria-label={t("preview.title")}>
      <div className="h-preview-tools">
        <MemberPicker aria-label={t("preview.member")} placeholder={t("preview.member")} value={member} onChange={onMember} />
        {isMail && (
          <>
            <Segmented
              aria-label={t("preview.device")}
              value={device}
              onChange={(next: Device) => {
                remember("templates.device", next);
                setDevice(next);
              }}
              options={[
                { value: "phone", icon: <MobileOutlined />, label: t("preview.phone"), title: t("preview.phone") },
                { value: "desktop", icon: <DesktopOutlined />, label: t("preview.desktop"), title: t("preview.desktop") },
                { value: "text", label: t("preview.text"), title: t("preview.text") },
              ]}
            />
            {shown !== "text" && (
              <Segmented
                aria-label={t("preview.light")}
                value={isDark ? "dark" : "light"}
                onChange={(next) => setIsDark(next === "dark")}
                options={[
                  { value: "light", icon: <SunOutlined aria-label={t("preview.day")} />, title: t("preview.day") },
                  { value: "dark", icon: <MoonOutlined aria-label={t("preview.night")} />, title: t("preview.night") },
                ]}
              />
            )}
          </>
        )}
      </div>
      <div aria-busy={preview.isFetching} className={preview.isPlaceholderData ? "is-stale" : undefined}>
        <Shown preview={preview} device={shown} isDark={isDark} subject={draft.name} hasMember={Boolean(member)} />
      </div>
    </section>
  );
}

interface ShownProps {
  preview: ReturnType<typeof usePreview>;
  device: Device;
  isDark: boolean;
  subject: string;
  hasMember: boolean;
}

function Shown({ preview, device, isDark, subject, hasMember }: ShownProps) {
  const { t } = useTranslation("templates");
  const say = useServerWords();
  if (preview.isPending) return <Loading rows={8} />;
  if (preview.error) {
    const problem = asProblem(preview.error);
    // What is wrong with the text stands in the list of warnings already.
    if (problem.status === 422) return <Alert type="warning" showIcon title={t("preview.cannot")} description={problem.fields[0]?.words ? say(problem.fields[0].words) : (problem.fields[0]?.message ?? problem.detail)} />;
    return <ErrorState error={preview.error} retry={() => void preview.refetch()} />;
  }
  const names = preview.data.missing.join(", ");
  return (
    <>
      {preview.data.missing.length > 0 && (
        <Alert className="h-preview-missing" type="warning" showIcon title={hasMember ? t("preview.missing", { names }) : t("preview.missingAny", { names })} />
      )}
      <Rendered data={preview.data} device={device} isDark={isDark} title={t("preview.of", { name: subject })} />
    </>
  );
}

function Rendered({ data, device, isDark, title }: { data: Preview; device: Device; isDark: boolean; title: string }) {
  const { t } = useTranslation("templates");
  if (device === "text" || !data.html) {
    return (
      <div className="h-device is-text">
        {data.subject && <Envelope data={data} />}
        <pre tabIndex={0} aria-label={t("preview.text")}>{data.text || t("preview.noText")}</pre>
      </div>
    );
  }
  return (
    <div className={`h-device is-${device} ${isDark ? "is-dark" : ""}`}>
      <Envelope data={data} />
      <MailFrame html={data.html} title={title} width={WIDTHS[device]} isDark={isDark} />
    </div>
  );
}

/** As a mail program shows it in its list. */
function Envelope({ data }: { data: Preview }) {
  const { t } = useTranslation("templates");
  return (
    <div className="h-envelope">
      <strong>{data.subject || t("preview.noSubject")}</strong>
      {data.preheader && <span>{data.preheader}</span>}
    </div>
  );
}
