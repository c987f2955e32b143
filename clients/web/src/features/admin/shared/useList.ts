import { useInfiniteQuery } from "@tanstack/react-query";
import { paging } from "@/shared/paging";

// The generated options differ in their type parameters only; this hook needs none of them.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Options = any;

/** Rows of a keyset list with what ResourceTable needs around them. */
export function useList<Row>(options: Options) {
  const list = useInfiniteQuery({ ...options, ...paging, placeholderData: (old: unknown) => old });
  const pages = (list.data as { pages: { items: Row[] }[] } | undefined)?.pages;
  return {
    rows: pages?.flatMap((page) => page.items),
    error: list.error,
    busy: list.isFetching,
    hasMore: list.hasNextPage,
    onMore: () => void list.fetchNextPage(),
    onRetry: () => void list.refetch(),
  };
}
