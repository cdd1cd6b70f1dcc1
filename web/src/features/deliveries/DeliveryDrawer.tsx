import { Button, Collapse } from "antd";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useServerWords } from "@/lib/i18n/server-words";
import { useTopicName } from "@/lib/names";
import { useCan } from "@/lib/session";
import { Loaded, Pill, SideDrawer, Time, useConfirm, useUndoToast } from "@/ui";
import { useCancelDelivery, useDelivery, useStory, type DeliveryWithHistory } from "./api";
import { Named } from "./Named";
import { useReasonName, useStateName } from "./names";
import { Recipient } from "./Recipient";
import { SettleForm } from "./SettleForm";
import { Story } from "./Story";
import { isTest } from "./tests-sent";
import { toneOf } from "./words";

/** One message: what it is, what became of it and why. */
export function DeliveryDrawer({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  const { t } = useTranslation("deliveries");
  const delivery = useDelivery(id);
  return (
    <SideDrawer title={t("one")} isOpen={id !== undefined} onClose={onClose} width={640}>
      {id && <Loaded query={delivery}>{(shown) => <DeliveryDetails key={shown.id} delivery={shown} />}</Loaded>}
    </SideDrawer>
  );
}

function DeliveryDetails({ delivery }: { delivery: DeliveryWithHistory }) {
  const { t } = useTranslation("deliveries");
  const stateName = useStateName();
  const reasonName = useReasonName();
  const topicName = useTopicName();
  const say = useServerWords();
  // Nothing was decided about a test: it went out because somebody asked for it.
  const wasTest = isTest(delivery.member);
  const story = useStory(wasTest ? undefined : delivery.id);
  const mayWrite = useCan("outreach", "write");
  const why = delivery.why ? say(delivery.why) : delivery.reason ? reasonName(delivery.reason) : null;
  return (
    <div className="h-delivery">
      <div className="h-delivery-head">
        <Recipient member={delivery.member} address={delivery.address} isTall />
        <Pill tone={toneOf(delivery.state)}>{stateName(delivery.state)}</Pill>
      </div>
      {why && <p className="h-delivery-why">{why}</p>}
      {delivery.error && delivery.state !== "delivered" && (
        <p className="h-delivery-error">
          <span className="h-quiet">{t("saidByServer")}</span> <span className="h-code">{delivery.error}</span>
        </p>
      )}
      {mayWrite && delivery.state === "queued" && <CancelOne delivery={delivery} />}
      {mayWrite && delivery.state === "unknown" && <SettleForm delivery={delivery} />}
      <dl className="h-facts">
        <Fact label={t("template")}>
          {delivery.template ? (
            <Link to="/templates/$templateId" params={{ templateId: delivery.template }}>
              <Named id={delivery.template} />
            </Link>
          ) : (
            "–"
          )}
        </Fact>
        <Fact label={t("channel")}><Named id={delivery.channel} /></Fact>
        <Fact label={t("address")}><span className="h-code">{delivery.address || "–"}</span></Fact>
        <Fact label={t("topic")}>{topicName(delivery.topic)}</Fact>
        {delivery.journey && <Fact label={t("journey")}><Named id={delivery.journey} />{delivery.step && <span className="h-quiet"> · {delivery.step}</span>}</Fact>}
        <Fact label={t("queuedAt")}><Time at={delivery.queued_at} absolute /></Fact>
        {delivery.next_attempt_at && delivery.state === "queued" && <Fact label={t("notBefore")}><Time at={delivery.next_attempt_at} absolute /></Fact>}
        {delivery.expires_at && delivery.state === "queued" && <Fact label={t("expiresAt")}><Time at={delivery.expires_at} absolute /></Fact>}
        {delivery.accepted_at && <Fact label={t("acceptedAt")}><Time at={delivery.accepted_at} absolute /></Fact>}
        {delivery.delivered_at && <Fact label={t("deliveredAt")}><Time at={delivery.delivered_at} absolute /></Fact>}
        {delivery.opened_at && <Fact label={t("opened")}><Time at={delivery.opened_at} absolute /></Fact>}
        {delivery.clicked_at && <Fact label={t("clicked")}><Time at={delivery.clicked_at} absolute /></Fact>}
        {delivery.attempts > 1 && <Fact label={t("attempts")}>{delivery.attempts}</Fact>}
      </dl>
      <h2>{t("story.title")}</h2>
      {wasTest ? (
        <p className="h-quiet">{t("story.test")}</p>
      ) : (
        <Loaded query={story} rows={6}>
          {(told) => <Story trail={told.trail} isCut={told.cut} timeZone={told.time_zone} />}
        </Loaded>
      )}
      {delivery.history.length > 0 && (
        <Collapse
          ghost
          items={[
            {
              key: "history",
              label: t("history"),
              children: (
                <ol className="h-delivery-history">
                  {delivery.history.map((line, index) => (
                    <li key={index}>
                      <Time at={line.at} absolute /> <strong>{stateName(line.state)}</strong>{" "}
                      <span className="h-code h-quiet">{line.detail}</span>
                    </li>
                  ))}
                </ol>
              ),
            },
          ]}
        />
      )}
      <p className="h-quiet h-code">{delivery.id}</p>
    </div>
  );
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function CancelOne({ delivery }: { delivery: DeliveryWithHistory }) {
  const { t } = useTranslation("deliveries");
  const ask = useConfirm();
  const toast = useUndoToast();
  const cancel = useCancelDelivery();
  return (
    <Button
      danger
      onClick={() =>
        ask({
          title: t("cancel.title"),
          description: t("cancel.description"),
          consequences: [{ label: t("cancel.messages"), value: 1 }],
          verb: t("cancel.verb"),
          isDestructive: true,
          act: async () => {
            await cancel.mutateAsync(delivery.id);
            toast(t("cancel.done", { count: 1 }));
          },
        })
      }
    >
      {t("cancel.verb")}
    </Button>
  );
}
