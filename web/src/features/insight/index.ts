export { InsightPage } from "./InsightPage";
export { QuestionCard } from "./QuestionCard";
export { useQuestionTitle } from "./question/title";
export { KINDS, VIEWS, type Board, type BoardCard, type Kind, type Point, type Questions, type View } from "./api/types";
export { VIEWS_OF } from "./save/views";
