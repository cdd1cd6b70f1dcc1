import { CompassOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Empty } from "@/ui";

export function NotFound() {
  const { t } = useTranslation("shell");
  const title = t("notFound.title");
  useEffect(() => {
    document.title = `${title} · Hearth`;
  }, [title]);
  return (
    <div className="h-page h-lost">
      <h1 className="h-heard">{title}</h1>
      <Empty
        icon={<CompassOutlined />}
        title={title}
        action={
          <Link to="/">
            <Button type="primary" tabIndex={-1}>{t("notFound.home")}</Button>
          </Link>
        }
      >
        {t("notFound.help")}
      </Empty>
    </div>
  );
}
