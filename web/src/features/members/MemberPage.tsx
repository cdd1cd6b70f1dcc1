import { useParams } from "@tanstack/react-router";
import { memberName } from "@/lib/names";
import { Loaded, Page } from "@/ui";
import { useMember } from "./api";

/** Everything about one member. */
export function MemberPage() {
  const { memberId } = useParams({ from: "/shell/members/$memberId" });
  const member = useMember(memberId);
  return (
    <Loaded query={member}>
      {(shown) => (
        <Page title={memberName(shown).name} description={memberName(shown).hint}>
          <ul>
            {shown.identities.map((identity) => (
              <li key={identity.id}>{identity.value}</li>
            ))}
          </ul>
        </Page>
      )}
    </Loaded>
  );
}
