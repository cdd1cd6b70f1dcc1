export { JobsButton } from "./JobsDrawer";
