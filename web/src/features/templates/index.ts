export { PartialPage } from "./PartialPage";
export { PartialsPage } from "./PartialsPage";
export { TemplatePage } from "./TemplatePage";
export { TemplatesPage } from "./TemplatesPage";
export { MailFrame } from "./MailFrame";
