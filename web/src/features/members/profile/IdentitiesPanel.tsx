import { CheckCircleFilled, MoreOutlined } from "@ant-design/icons";
import { Button, Dropdown } from "antd";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { strengthOf } from "@/lib/names";
import { useCan } from "@/lib/session";
import { Panel, useConfirm, useUndoToast } from "@/ui";
import { useSplit, type Member } from "./api";

/** What a kind of identity is called; of kinds that somebody made up, the name that he gave. */
export function useKindName(): (kind: string) => string {
  const { t, i18n } = useTranslation("members");
  return (kind) => (i18n.exists(`members:kinds.${kind}`) ? t(`kinds.${kind}`) : kind.replace(/^external:/, ""));
}

/** By what the member is known; an identity that is not his can be split off. */
export function IdentitiesPanel({ member }: { member: Member }) {
  const { t } = useTranslation("members");
  const kindName = useKindName();
  const mayChange = useCan("people", "write");
  const split = useSplit(member.id);
  const ask = useConfirm();
  const toast = useUndoToast();
  const navigate = useNavigate();
  const identities = [...member.identities].sort((one, other) => strengthOf(one.kind) - strengthOf(other.kind));

  function splitOff(identity: Member["identities"][number]) {
    ask({
      title: t("split.title", { value: identity.value }),
      description: t("split.description"),
      consequences: [
        { label: t("split.leaves"), value: 1 },
        { label: t("split.stay"), value: identities.length - 1 },
      ],
      verb: t("split.verb"),
      isDestructive: true,
      act: async () => {
        const { member_id } = await split.mutateAsync(identity.id);
        toast(t("split.done"));
        void navigate({ to: "/members/$memberId", params: { memberId: member_id } });
      },
    });
  }

  return (
    <Panel title={t("profile.identities")}>
      <ul className="h-identities">
        {identities.map((identity) => (
          <li key={identity.id}>
            <div className="h-identity-words">
              <span className="h-quiet">{kindName(identity.kind)}</span>
              <span className="h-identity-value">
                {identity.value}
                {identity.verified && (
                  <span className="h-identity-verified">
                    <CheckCircleFilled aria-hidden /> {t("profile.verified")}
                  </span>
                )}
              </span>
            </div>
            {mayChange && identities.length > 1 && (
              <Dropdown trigger={["click"]} placement="bottomRight" menu={{ items: [{ key: "split", danger: true, label: t("split.verb"), onClick: () => splitOff(identity) }] }}>
                <Button type="text" size="small" icon={<MoreOutlined />} aria-label={t("profile.actionsFor", { name: identity.value })} />
              </Dropdown>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
