import type { ReactNode } from "react";

/** One part of a long form. */
export function Part({ title, help, children }: { title: string; help?: ReactNode; children: ReactNode }) {
  return (
    <section className="h-channel-part">
      <h2>{title}</h2>
      {help && <p className="h-quiet">{help}</p>}
      {children}
    </section>
  );
}

/** What few people need, until somebody opens it; its fields are there all the same. */
export function More({ title, children }: { title: string; children: ReactNode }) {
  return (
    <details className="h-channel-more">
      <summary>{title}</summary>
      <div>{children}</div>
    </details>
  );
}
