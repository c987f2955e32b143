import { toApiError } from "@belgenet/api";
import { QueryClient } from "@tanstack/react-query";

/** Retries only what a second try may cure: no answer, or a server in trouble. */
const worthRetrying = (count: number, error: unknown): boolean => {
  const { status } = toApiError(error);
  return count < 2 && (status === 0 || status === 502 || status === 503);
};

export const makeQueryClient = (retry = true): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: { staleTime: 30_000, retry: retry ? worthRetrying : false },
      mutations: { retry: false },
    },
  });
