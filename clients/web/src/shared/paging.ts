/** How to walk a keyset list: the next cursor goes into the query of the next page. */
export const paging = {
  initialPageParam: {} as never,
  getNextPageParam: (last: { next?: string | null }) =>
    last.next ? ({ query: { cursor: last.next } } as never) : undefined,
};
