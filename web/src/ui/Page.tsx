import { Breadcrumb } from "antd";
import { Link, type LinkProps } from "@tanstack/react-router";
import { useEffect, type ReactNode } from "react";
import "./Page.css";

export interface Crumb {
  title: string;
  to?: LinkProps["to"];
}

interface PageProps {
  title: string;
  /** One sentence: what one does here. */
  description?: ReactNode;
  crumbs?: Crumb[];
  /** Buttons at the right; the most important one last. */
  actions?: ReactNode;
  /** Beside the title, such as a state. */
  aside?: ReactNode;
  children: ReactNode;
}

/** The frame of each page: crumbs, title, what it is for, actions, content. */
export function Page({ title, description, crumbs, actions, aside, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Hearth`;
  }, [title]);
  return (
    <div className="h-page">
      <header className="h-page-head">
        <div className="h-page-words">
          {crumbs && (
            <Breadcrumb
              items={crumbs.map((crumb) => ({
                title: crumb.to ? <Link to={crumb.to}>{crumb.title}</Link> : crumb.title,
              }))}
            />
          )}
          <div className="h-page-title">
            <h1>{title}</h1>
            {aside}
          </div>
          {description && <p className="h-quiet">{description}</p>}
        </div>
        {actions && <div className="h-page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

interface PanelProps {
  title?: ReactNode;
  actions?: ReactNode;
  className?: string;
  children: ReactNode;
}

/** A white sheet on the paper. */
export function Panel({ title, actions, className, children }: PanelProps) {
  return (
    <section className={`h-panel ${className ?? ""}`}>
      {(title || actions) && (
        <header className="h-panel-head">
          {title && <h2>{title}</h2>}
          {actions && <div className="h-page-actions">{actions}</div>}
        </header>
      )}
      {children}
    </section>
  );
}
