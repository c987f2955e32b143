import clsx from "clsx";
import { createContext, type ReactNode, use, useEffect } from "react";
import css from "./Page.module.css";

const SiteName = createContext("BelgeNet");

/** Tells pages the institution's name, which ends every document title. */
export const SiteNameProvider = SiteName.Provider;

/** Sets `document.title` to "page · institution". */
export function useDocumentTitle(title: string | undefined): void {
  const site = use(SiteName);
  useEffect(() => {
    if (title) document.title = title === site ? site : `${title} · ${site}`;
  }, [title, site]);
}

/** A page's column. `title` goes to the document; the visible h1 is PageHeader's or the page's own. */
export function Page({
  title,
  width = "normal",
  children,
}: {
  title?: string;
  width?: "narrow" | "normal" | "wide";
  children: ReactNode;
}) {
  useDocumentTitle(title);
  return <div className={clsx(css.page, css[width])}>{children}</div>;
}
