import { toApiError } from "@belgenet/api";

/** Whether a failure means "there is no such thing" (pages then show the 404 page). */
export const isMissing = (error: unknown): boolean =>
  error !== null && error !== undefined && toApiError(error).status === 404;
