import { Button } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import "./preview.css";

interface MailFrameProps {
  /** The rendered message. */
  html: string;
  title: string;
  /** Pixels of the screen that it is shown on. */
  width: number;
  isDark?: boolean;
}

const PAGE = `${import.meta.env.BASE_URL}mail-frame.html`;

/**
 * A mail as its reader sees it, in a frame in which nothing of it can act (see `public/mail-frame.js`). Pictures are fetched only
 * after somebody asked for them: whoever fetches one is seen by its server.
 */
export function MailFrame({ html, title, width, isDark = false }: MailFrameProps) {
  const { t } = useTranslation("templates");
  const frame = useRef<HTMLIFrameElement>(null);
  const [isReady, setIsReady] = useState(false);
  const [withPictures, setWithPictures] = useState(false);
  const [pictures, setPictures] = useState(0);
  const [link, setLink] = useState<string | null>(null);

  useEffect(() => {
    function hear(event: MessageEvent<unknown>) {
      if (event.source !== frame.current?.contentWindow || typeof event.data !== "object" || event.data === null) return;
      const said = event.data as { type?: unknown; count?: unknown; href?: unknown };
      if (said.type === "ready") setIsReady(true);
      if (said.type === "pictures") setPictures(Number(said.count));
      if (said.type === "link") setLink(String(said.href));
    }
    window.addEventListener("message", hear);
    return () => window.removeEventListener("message", hear);
  }, []);

  useEffect(() => {
    // The frame has no origin, so none can be named here; what is sent is what it shows.
    if (isReady) frame.current?.contentWindow?.postMessage({ type: "mail", html, isDark }, "*");
    setLink(null);
  }, [isReady, html, isDark]);

  return (
    <div className="h-mail">
      {(pictures > 0 || link !== null) && (
        <div className="h-mail-bar" role="status">
          {link !== null ? (
            <span className="h-mail-link">{t("preview.linkLeads")} <span className="h-code">{link || "–"}</span></span>
          ) : (
            <>
              <span>{t("preview.pictures", { count: pictures })}</span>
              <Button
                size="small"
                onClick={() => {
                  setIsReady(false);
                  setWithPictures(true);
                }}
              >
                {t("preview.showPictures")}
              </Button>
            </>
          )}
        </div>
      )}
      <iframe
        key={withPictures ? "pictures" : "plain"}
        ref={frame}
        className="h-mail-frame"
        title={title}
        src={withPictures ? `${PAGE}#pictures` : PAGE}
        sandbox="allow-scripts"
        referrerPolicy="no-referrer"
        style={{ maxWidth: width, colorScheme: isDark ? "dark" : "light" }}
      />
    </div>
  );
}
