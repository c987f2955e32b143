import { useEffect, useRef } from "react";
import { useNavigation, useSearchParams } from "react-router";

/**
 * One value of a list's address (search, filter), so that reload, Back and sharing keep it. Another value drops
 * what is said of this one only (`dependent` names).
 */
export function useUrlState(
  name: string,
  dependent: readonly string[] = [],
): [string, (value: string) => void] {
  const [params, setParams] = useSearchParams();
  const { state } = useNavigation();
  const leaving = useRef(false);
  useEffect(() => {
    leaving.current = state !== "idle";
    return () => {
      leaving.current = true;
    };
  }, [state]);
  const set = (value: string): void => {
    // A search that fires late must not call somebody back who has already clicked a row.
    if (leaving.current) return;
    setParams(
      (old) => {
        const next = new URLSearchParams(old);
        if (value) next.set(name, value);
        else next.delete(name);
        for (const other of dependent) next.delete(other);
        return next;
      },
      { replace: true },
    );
  };
  return [params.get(name) ?? "", set];
}
