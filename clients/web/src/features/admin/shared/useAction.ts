import { useT } from "@belgenet/i18n";
import { notifyDone, notifyProblem } from "@belgenet/ui/notify";
import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";

interface Options<V, R> {
  run: (variables: V) => Promise<R>;
  /** Operations whose cached answers are out of date afterwards. */
  stale: string[];
  done?: (result: R) => string | undefined;
  after?: (result: R) => void;
  /** Shown by the dialog itself, so no notice is needed. */
  quiet?: boolean;
}

/** A change in the panel: runs it, refreshes the lists concerned, says so. */
export function useAction<V = void, R = unknown>({ run, stale, done, after, quiet }: Options<V, R>) {
  const t = useT();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: async (result) => {
      await Promise.all(
        stale.map((id) => queries.invalidateQueries({ queryKey: [{ _id: id }] as QueryKey })),
      );
      const message = done?.(result) ?? (done ? undefined : t("common.saved"));
      if (message) notifyDone(message, t("common.close"));
      after?.(result);
    },
    onError: (error) => {
      if (!quiet) notifyProblem(error, t("common.error.faultText"), t("common.close"));
    },
  });
}
