export { SegmentsPage } from "./SegmentsPage";
export { SegmentPage } from "./SegmentPage";
export { OverlapPage } from "./OverlapPage";
export { EditSegmentPage, NewSegmentPage } from "./EditorPage";
