export { JourneyPage } from "./JourneyPage";
export { JourneysPage } from "./JourneysPage";
export { searchJourneys } from "./search";
