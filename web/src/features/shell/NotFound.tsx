import { CompassOutlined } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Empty } from "@/ui";

export function NotFound() {
  const { t } = useTranslation("shell");
  return (
    <main className="h-lost">
      <h1 className="h-heard">{t("notFound.title")}</h1>
      <Empty icon={<CompassOutlined />} title={t("notFound.title")} action={<Link to="/">{t("notFound.home")}</Link>}>
        {t("notFound.help")}
      </Empty>
    </main>
  );
}
