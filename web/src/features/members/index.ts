export { MemberChip } from "./MemberChip";
export { MemberPicker } from "./MemberPicker";
export { useChoices } from "./choices";
export { useTraitTitle } from "./traits";
export type { Member } from "./search";
export { MembersPage } from "./list/MembersPage";
export { MemberPage } from "./profile/MemberPage";
