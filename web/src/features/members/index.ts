export { MemberChip } from "./MemberChip";
export { MemberPage } from "./MemberPage";
export { MemberPicker } from "./MemberPicker";
export { searchMembers, type Member } from "./search";
