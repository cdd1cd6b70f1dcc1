import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { useLive } from "@/lib/live";
import { Loaded, Pill, Time } from "@/ui";
import { useChannelStatus, useQueues, type Channel } from "./api";

/** How a channel is just now: its queue, its accounts, its mailbox. */
export function StatusPanel({ channel }: { channel: Channel }) {
  const { t } = useTranslation("channels");
  const formats = useFormats();
  const status = useChannelStatus(channel.id);
  const queue = useQueues().data?.find((one) => one.channel === channel.id);
  useLive(["deliveries"], { keys: [["outbox"], ["channels", channel.id]] });
  const number = (value: number | null | undefined) => (value === null || value === undefined ? "–" : formats.number(value, { maximumFractionDigits: 1 }));
  return (
    <div className="h-channel-status">
      {channel.health && (
        <p className="h-test-said" role="alert">
          <Pill tone="bad">{t("state.broken")}</Pill> <span className="h-quiet">{t("test.said")}</span> <code className="h-code">{channel.health.problem}</code>
          {channel.health.retry_at && <span className="h-quiet"> {t("status.retry")} <Time at={channel.health.retry_at} /></span>}
        </p>
      )}
      {queue && (
        <dl className="h-facts">
          <div><dt>{t("status.queued")}</dt><dd>{number(queue.queued)}</dd></div>
          <div><dt>{t("status.due")}</dt><dd>{number(queue.due)}</dd></div>
          <div><dt>{t("status.sending")}</dt><dd>{number(queue.sending)}</dd></div>
          <div><dt>{t("status.pace")}</dt><dd>{number(queue.per_second)}</dd></div>
          {queue.oldest_queued_at && <div><dt>{t("status.oldest")}</dt><dd><Time at={queue.oldest_queued_at} /></dd></div>}
        </dl>
      )}
      <Loaded query={status}>
        {({ accounts, mailbox, taken_today }) => (
          <>
            {(accounts.length > 0 || taken_today.length > 0) && (
              <>
                <h3>{t("accounts.title")}</h3>
                <ul className="h-dkim-keys">
                  {(accounts.length > 0 ? accounts : [{ name: "", problem: null, rests_until: null }]).map((account) => {
                    const taken = taken_today.find((one) => one.account === account.name);
                    return (
                      <li key={account.name}>
                        <strong>{account.name || t("server.title")}</strong>
                        {account.problem ? <Pill tone="attention">{t("status.rests")}</Pill> : <Pill tone="good">{t("state.active")}</Pill>}
                        {taken && <span className="h-quiet">{t("status.taken", { count: taken.messages, formatted: formats.number(taken.messages) })}</span>}
                        {account.problem && <code className="h-code">{account.problem}</code>}
                        {account.rests_until && <span className="h-quiet">{t("status.until")} <Time at={account.rests_until} /></span>}
                      </li>
                    );
                  })}
                </ul>
              </>
            )}
            {mailbox && (
              <>
                <h3>{t("mailbox.title")}</h3>
                <p>
                  {mailbox.problem ? <Pill tone="bad">{t("status.unread")}</Pill> : <Pill tone="good">{t("status.read")}</Pill>} <Time at={mailbox.read_at} />
                </p>
                {mailbox.problem && <p className="h-test-said"><span className="h-quiet">{t("test.said")}</span> <code className="h-code">{mailbox.problem}</code></p>}
                <p className="h-quiet">{t("status.reports", { reports: number(mailbox.reports), others: number(mailbox.others) })}</p>
              </>
            )}
          </>
        )}
      </Loaded>
    </div>
  );
}
