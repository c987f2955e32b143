import { useEffect, useRef } from "react";
import { useLocation, useNavigationType } from "react-router";

/** After a navigation: scroll to the top and move focus to the new page's h1, so that it is read out. */
export function RouteFocus() {
  const { pathname } = useLocation();
  const kind = useNavigationType();
  const last = useRef(pathname);
  useEffect(() => {
    if (last.current === pathname) return;
    last.current = pathname;
    if (kind !== "POP") window.scrollTo(0, 0);
    return focusHeading();
  }, [pathname, kind]);
  return null;
}

/** Waits a moment for a lazy page; gives up quietly. Returns the cancel function. */
function focusHeading(): () => void {
  let tries = 0;
  let timer = 0;
  const attempt = (): void => {
    const heading = document.querySelector<HTMLElement>("main h1");
    if (heading) {
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
    } else if (tries++ < 40) timer = window.setTimeout(attempt, 50);
  };
  timer = window.setTimeout(attempt, 0);
  return () => window.clearTimeout(timer);
}
