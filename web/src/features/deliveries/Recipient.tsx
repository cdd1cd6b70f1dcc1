import { useTranslation } from "react-i18next";
import { MemberChip } from "@/features/members";

/** What the ledger names where a message went to nobody who is a member: a test. */
const NOBODY = /^mem_0+$/;

/** To whom a message went: a member, or an address that it was tried out with. */
export function Recipient({ member, address, isTall }: { member: string; address: string; isTall?: boolean }) {
  const { t } = useTranslation("deliveries");
  if (!NOBODY.test(member)) return <MemberChip id={member} isTall={isTall} />;
  return (
    <span className="h-recipient">
      <span className="h-label">{t("test")}</span> {address}
    </span>
  );
}
