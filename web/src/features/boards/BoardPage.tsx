import { CopyOutlined, DeleteOutlined, EditOutlined, MoreOutlined, PlusOutlined, PrinterOutlined, ReloadOutlined } from "@ant-design/icons";
import { Alert, Button, Dropdown } from "antd";
import { useIsFetching, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/session";
import { Empty, Loaded, NoPermission, Page, Panel, useTellProblem, useUndoToast, useUrlDrawer } from "@/ui";
import { AddDrawer } from "./AddDrawer";
import { useBoard, type Board, type BoardCard } from "./api";
import { CardDrawer } from "./CardDrawer";
import { CardGrid } from "./CardGrid";
import { placed, type PlacedCard } from "./cards";
import { ConflictDialog } from "./ConflictDialog";
import { FilterLine, useBoardFilters } from "./filters";
import { NameDialog } from "./NameDialog";
import { useBoardActions } from "./useBoardActions";
import { bodyOfDraft, useBoardEditor } from "./useBoardEditor";
import "./boards.css";

export function BoardPage() {
  const { t } = useTranslation("boards");
  const { boardId } = useParams({ strict: false }) as { boardId: string };
  const mayRead = useCan("people", "read");
  const board = useBoard(boardId);
  if (board.data && mayRead) return <OneBoard key={boardId} board={board.data} />;
  return (
    <Page title={t("one")} crumbs={[{ title: t("insight") }, { title: t("title"), to: "/insight/boards" }]}>
      <Panel>{mayRead ? <Loaded query={board} rows={8}>{() => null}</Loaded> : <NoPermission />}</Panel>
    </Page>
  );
}

/** Under which the answers to all questions are kept. */
const ANSWERS = ["insight"];

function OneBoard({ board }: { board: Board }) {
  const { t } = useTranslation("boards");
  const mayWrite = useCan("segments", "write");
  const editor = useBoardEditor(board);
  const { draft, change, state } = editor;
  const filters = useBoardFilters(draft.period);
  const actions = useBoardActions();
  const toast = useUndoToast();
  const tell = useTellProblem();
  const adding = useUrlDrawer();
  const queries = useQueryClient();
  const isAsking = useIsFetching({ queryKey: ANSWERS }) > 0;
  const [isNaming, setIsNaming] = useState(false);
  const [edited, setEdited] = useState<string | null>(null);
  const [begun, setBegun] = useState<BoardCard | null>(null);
  const editedCard = draft.cards.find((one) => one.key === edited);
  const setCards = (next: (cards: PlacedCard[]) => PlacedCard[]) => change((now) => ({ ...now, cards: next(now.cards) }));

  function add(card: BoardCard) {
    setCards((cards) => [...cards, placed(card)]);
    toast(t("add.done", { name: card.title || t(`kind.${card.kind}`) }));
  }

  function remove(key: string, title: string) {
    const at = draft.cards.findIndex((one) => one.key === key);
    const gone = draft.cards[at];
    if (!gone) return;
    setCards((cards) => cards.filter((one) => one.key !== key));
    toast(t("removed", { name: title }), async () => setCards((cards) => [...cards.slice(0, at), gone, ...cards.slice(at)]));
  }

  const addButton = mayWrite && <Button type="primary" icon={<PlusOutlined />} onClick={() => adding.open("add")}>{t("add.verb")}</Button>;
  return (
    <Page
      title={draft.name}
      crumbs={[{ title: t("insight") }, { title: t("title"), to: "/insight/boards" }]}
      actions={
        <>
          {mayWrite && <span className="h-quiet h-board-state" role="status">{t(`saving.${state}`)}</span>}
          <Button icon={<ReloadOutlined />} loading={isAsking} onClick={() => void queries.invalidateQueries({ queryKey: ANSWERS })}>{t("refresh")}</Button>
          <Button icon={<PrinterOutlined />} onClick={() => window.print()}>{t("print")}</Button>
          {mayWrite && (
            <Dropdown
              trigger={["click"]}
              menu={{
                items: [
                  { key: "rename", icon: <EditOutlined aria-hidden />, label: t("rename") },
                  { key: "copy", icon: <CopyOutlined aria-hidden />, label: t("copyBoard") },
                  { key: "delete", icon: <DeleteOutlined aria-hidden />, label: t("delete"), danger: true },
                ],
                onClick: ({ key }) => {
                  const body = bodyOfDraft(draft);
                  if (key === "rename") setIsNaming(true);
                  else if (key === "copy") void actions.make({ ...body, name: t("copyOf", { name: body.name }) }).then(actions.open).catch(tell);
                  else void actions.removeBoard(board, body).catch(tell);
                },
              }}
            >
              <Button icon={<MoreOutlined />} aria-label={t("more")} />
            </Dropdown>
          )}
          {addButton}
        </>
      }
    >
      {draft.cards.length > 0 && (
        <FilterLine filters={filters} saved={draft.period} onKeep={mayWrite ? (period) => change((now) => ({ ...now, period })) : undefined} />
      )}
      {state === "unsaved" && !editor.conflict && (
        <Alert type="warning" showIcon title={t("unsaved.title")} description={t("unsaved.help")} action={<Button size="small" onClick={editor.retry}>{t("ui:tryAgain")}</Button>} />
      )}
      {draft.cards.length === 0 ? (
        <Empty title={t("emptyBoard.title")} action={addButton} example={t("emptyBoard.example")}>{t("emptyBoard.help")}</Empty>
      ) : (
        <CardGrid
          cards={draft.cards}
          filters={filters.asked}
          mayWrite={mayWrite}
          onOrder={(cards) => setCards(() => cards)}
          onEdit={setEdited}
          onCopy={(one) => setCards((cards) => cards.flatMap((card) => (card.key === one.key ? [card, placed(one.card)] : [card])))}
          onWidth={(one) => setCards((cards) => cards.map((card) => (card.key === one.key ? { ...card, card: { ...card.card, width: card.card.width === 1 ? 2 : 1 } } : card)))}
          onRemove={remove}
        />
      )}
      <CardDrawer
        key={edited}
        card={editedCard?.card}
        title={t("editCard")}
        filters={filters.asked}
        onClose={() => setEdited(null)}
        onSave={(card) => setCards((cards) => cards.map((one) => (one.key === edited ? { ...one, card } : one)))}
      />
      <CardDrawer key={begun?.kind} card={begun ?? undefined} title={t("add.title")} filters={filters.asked} onClose={() => setBegun(null)} onSave={add} />
      {mayWrite && (
        <AddDrawer
          isOpen={adding.value === "add"}
          onClose={adding.close}
          onAdd={add}
          onBegin={(card) => {
            adding.close();
            setBegun(card);
          }}
        />
      )}
      {isNaming && (
        <NameDialog title={t("rename")} verb={t("ui:save")} name={draft.name} onSave={async (name) => change((now) => ({ ...now, name }))} onClose={() => setIsNaming(false)} />
      )}
      {editor.conflict && <ConflictDialog mine={bodyOfDraft(draft)} theirs={editor.conflict} onResolve={editor.resolve} onClose={editor.later} />}
    </Page>
  );
}
