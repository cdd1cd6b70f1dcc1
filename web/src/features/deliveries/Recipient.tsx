import { useTranslation } from "react-i18next";
import { MemberChip } from "@/features/members";
import { isTest } from "./tests-sent";

/** To whom a message went: a member, or an address that it was tried out with. */
export function Recipient({ member, address, isTall }: { member: string; address: string; isTall?: boolean }) {
  const { t } = useTranslation("deliveries");
  if (!isTest(member)) return <MemberChip id={member} isTall={isTall} />;
  return (
    <span className="h-recipient">
      <span className="h-label">{t("test")}</span> {address}
    </span>
  );
}
