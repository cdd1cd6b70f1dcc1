import { DashboardOutlined, PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/session";
import { Empty, Loaded, NoPermission, Page, Time } from "@/ui";
import { useBoards, type Board } from "./api";
import { NameDialog } from "./NameDialog";
import { StarterGallery } from "./StarterGallery";
import { useBoardActions } from "./useBoardActions";
import "./boards.css";

/** All boards, and boards to begin with. */
export function BoardsPage() {
  const { t } = useTranslation("boards");
  const mayRead = useCan("people", "read");
  const mayWrite = useCan("segments", "write");
  const [isNaming, setIsNaming] = useState(false);
  const { make } = useBoardActions();
  const navigate = useNavigate();

  async function makeEmpty(name: string) {
    const board = await make({ name, cards: [], period: "P30D" });
    await navigate({ to: "/insight/boards/$boardId", params: { boardId: board.id } });
  }

  return (
    <Page
      title={t("title")}
      description={t("description")}
      crumbs={[{ title: t("insight") }]}
      actions={mayRead && mayWrite && <Button type="primary" icon={<PlusOutlined />} onClick={() => setIsNaming(true)}>{t("new")}</Button>}
    >
      {mayRead ? <Boards mayWrite={mayWrite} /> : <NoPermission />}
      {isNaming && <NameDialog title={t("new")} verb={t("make")} name="" onSave={makeEmpty} onClose={() => setIsNaming(false)} />}
    </Page>
  );
}

function Boards({ mayWrite }: { mayWrite: boolean }) {
  const { t } = useTranslation("boards");
  const boards = useBoards();
  return (
    <>
      <Loaded query={boards} rows={6}>
        {(list) =>
          list.length === 0 ? (
            <Empty icon={<DashboardOutlined />} title={t("empty.title")} example={mayWrite && t("empty.example")}>
              {t("empty.help")}
            </Empty>
          ) : (
            <ul className="h-boards">
              {list.map((board) => (
                <li key={board.id}><BoardTile board={board} /></li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {mayWrite && boards.data && <StarterGallery />}
    </>
  );
}

const NAMED = 4;

function BoardTile({ board }: { board: Board }) {
  const { t } = useTranslation("boards");
  const shown = board.cards.slice(0, NAMED);
  return (
    <Link to="/insight/boards/$boardId" params={{ boardId: board.id }} className="h-board-tile">
      <strong>{board.name}</strong>
      <span className="h-quiet">
        {t("cards", { count: board.cards.length })}
        {" · "}<Time at={board.updated_at} />
      </span>
      {shown.length > 0 && (
        <span className="h-board-tile-cards">
          {shown.map((card, at) => <span key={at}>{card.title || t(`kind.${card.kind}`)}</span>)}
          {board.cards.length > NAMED && <span className="h-quiet">{t("andMore", { count: board.cards.length - NAMED })}</span>}
        </span>
      )}
    </Link>
  );
}
