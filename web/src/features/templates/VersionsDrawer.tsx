import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Named } from "@/features/deliveries";
import { useCan } from "@/lib/session";
import { Loaded, SideDrawer, Time, useConfirm } from "@/ui";
import { useComparison, useVersions } from "./api";
import { Changes } from "./Changes";

interface VersionsDrawerProps {
  id: string;
  current: number;
  isOpen: boolean;
  onClose: () => void;
  onRestore: (version: number) => Promise<unknown>;
}

/** What was saved, by whom; what has changed since; and the way back. */
export function VersionsDrawer({ id, current, isOpen, onClose, onRestore }: VersionsDrawerProps) {
  const { t } = useTranslation("templates");
  const versions = useVersions(id, isOpen);
  const [chosen, setChosen] = useState<number>();
  return (
    <SideDrawer title={t("versions.title")} isOpen={isOpen} onClose={onClose} width={760}>
      <Loaded query={versions}>
        {({ items }) => (
          <ul className="h-versions">
            {items.map((version) => (
              <li key={version.version} className={version.version === chosen ? "is-chosen" : undefined}>
                <div className="h-versions-line">
                  <strong>{t("versions.number", { number: version.version })}</strong>
                  {version.version === current && <span className="h-label">{t("versions.current")}</span>}
                  <span className="h-quiet">
                    <Time at={version.saved_at} absolute /> · <Named id={version.saved_by || null} />
                  </span>
                  {version.version !== current && (
                    <Button size="small" aria-expanded={version.version === chosen} onClick={() => setChosen(version.version === chosen ? undefined : version.version)}>
                      {t("versions.compare")}
                    </Button>
                  )}
                </div>
                <p className="h-quiet">{version.subject || version.name}</p>
                {version.version === chosen && <Compared id={id} from={version.version} to={current} onRestore={onRestore} />}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </SideDrawer>
  );
}

function Compared({ id, from, to, onRestore }: { id: string; from: number; to: number; onRestore: (version: number) => Promise<unknown> }) {
  const { t } = useTranslation("templates");
  const comparison = useComparison(id, from, to);
  const mayWrite = useCan("outreach", "write");
  const ask = useConfirm();
  return (
    <Loaded query={comparison}>
      {({ changes }) => (
        <>
          <p>{t("versions.since", { from, to })}</p>
          {changes.length === 0 ? <p className="h-quiet">{t("versions.same")}</p> : <Changes changes={changes} />}
          {mayWrite && changes.length > 0 && (
            <Button
              onClick={() =>
                ask({
                  title: t("versions.restoreTitle", { number: from }),
                  description: t("versions.restoreHelp"),
                  consequences: [{ label: t("versions.parts"), value: changes.length }],
                  verb: t("versions.restore"),
                  act: () => onRestore(from),
                })
              }
            >
              {t("versions.restore")}
            </Button>
          )}
        </>
      )}
    </Loaded>
  );
}
