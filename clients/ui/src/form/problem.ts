import { toApiError } from "@belgenet/api";
import type { FieldValues, Path, UseFormReturn } from "react-hook-form";

/**
 * Puts the server's field findings beside the inputs and focuses the first. Returns what no input could
 * take, to be shown above the form. `rename` maps server paths to form paths.
 */
export function applyProblem<T extends FieldValues>(
  form: UseFormReturn<T>,
  error: unknown,
  rename: Record<string, string> = {},
): string[] {
  const known = new Set(Object.keys(form.control._fields));
  const rest: string[] = [];
  let first = true;
  for (const field of toApiError(error).fields) {
    const path = rename[field.path] ?? field.path;
    if (known.has(path.split(".")[0] ?? "")) {
      form.setError(path as Path<T>, { type: "server", message: field.message }, { shouldFocus: first });
      first = false;
    } else if (field.message) rest.push(field.message);
  }
  return rest;
}
