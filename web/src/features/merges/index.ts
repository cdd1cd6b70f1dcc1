export { MergeReason } from "./Evidence";
export { MergeDrawer } from "./MergeDrawer";
export { MergesOfMember } from "./MergesOfMember";
export { MergesPage } from "./MergesPage";
