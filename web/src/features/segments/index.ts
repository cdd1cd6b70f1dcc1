export { SegmentsPage } from "./SegmentsPage";
export { EditSegmentPage, NewSegmentPage } from "./EditorPage";
