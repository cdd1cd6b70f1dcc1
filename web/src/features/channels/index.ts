export { ChannelsPage } from "./ChannelsPage";
