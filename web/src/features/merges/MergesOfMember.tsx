import { MergesTable } from "./MergesTable";
import "./merges.css";

/** With whom a member became one, and the way back. */
export function MergesOfMember({ member }: { member: string }) {
  return <MergesTable member={member} />;
}
