import { type FieldProblem, toApiError } from "@belgenet/api";
import type { FieldValues, Path, UseFormReturn } from "react-hook-form";

/** Findings that stand beside an input. All others belong above the form, or nobody would see them. */
const beside = new WeakSet<FieldProblem>();

/** What the server found wrong and no input shows, each text once. */
export function findingsAbove(error: unknown): string[] {
  const texts = toApiError(error).fields.filter((field) => !beside.has(field) && field.message);
  return [...new Set(texts.map((field) => field.message))];
}

/**
 * Puts the server's field findings beside the inputs and focuses the first; `FormError` lists the others.
 * `rename` maps server paths to form paths.
 */
export function applyProblem<T extends FieldValues>(
  form: UseFormReturn<T>,
  error: unknown,
  rename: Record<string, string> = {},
): void {
  const known = new Set(Object.keys(form.control._fields));
  let first = true;
  for (const field of toApiError(error).fields) {
    const path = rename[field.path] ?? field.path;
    if (known.has(path.split(".")[0] ?? "")) {
      form.setError(path as Path<T>, { type: "server", message: field.message }, { shouldFocus: first });
      beside.add(field);
      first = false;
    }
  }
}
