/** One wrong input value, as the server names it. `path` is dotted (`lines.0.quantity`). */
export interface FieldProblem {
  path: string;
  code: string;
  message: string;
}

/** A failed call. `status` 0 means the server could not be reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly fields: FieldProblem[] = [],
    readonly requestId: string | null = null,
    readonly retryAfter: number | null = null,
    /** What went wrong, in a few words; `detail` says more about this case and what to do. */
    readonly title: string = "",
  ) {
    super(detail || code);
    this.name = "ApiError";
  }

  get isNetwork(): boolean {
    return this.status === 0;
  }
}

type Loose = Record<string, unknown>;

const text = (v: unknown): string => (typeof v === "string" ? v : "");

/** Accepts both a list of {path|field|name, code, message} and a map of name -> messages. */
function readFields(raw: unknown): FieldProblem[] {
  if (Array.isArray(raw)) {
    return raw
      .filter((f): f is Loose => typeof f === "object" && f !== null)
      .map((f) => ({
        path: pathOf(f.path ?? f.field ?? f.name ?? f.loc),
        code: text(f.code),
        message: text(f.message ?? f.detail),
      }));
  }
  if (typeof raw === "object" && raw !== null) {
    return Object.entries(raw).map(([path, v]) => ({
      path,
      code: "",
      message: Array.isArray(v) ? v.map(String).join(" ") : String(v),
    }));
  }
  return [];
}

const pathOf = (v: unknown): string =>
  (Array.isArray(v) ? v.join(".") : text(v))
    .replace(/^\//, "")
    .replaceAll("/", ".")
    .replace(/^body\./, "");

/** Turns any failure (problem+json body, plain text, thrown TypeError) into an ApiError. */
export function toApiError(error: unknown, response?: Response): ApiError {
  if (error instanceof ApiError) return error;
  if (!response) return new ApiError(0, "network", "");
  const body: Loose = typeof error === "object" && error !== null ? (error as Loose) : {};
  const retry = Number(response.headers.get("Retry-After"));
  return new ApiError(
    response.status,
    text(body.code) || `http_${response.status}`,
    text(body.detail) || text(body.title),
    readFields(body.fields ?? body.errors),
    text(body.request_id) || response.headers.get("X-Request-Id"),
    Number.isFinite(retry) && retry > 0 ? retry : null,
    text(body.title),
  );
}
