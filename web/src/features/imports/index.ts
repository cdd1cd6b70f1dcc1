export { ImportPage } from "./ImportPage";
export { ImportsPage } from "./ImportsPage";
export { UploadPage } from "./UploadPage";
