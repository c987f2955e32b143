const two = (n: number): string => String(n).padStart(2, "0");

/** A moment as `<input type="datetime-local">` wants it, in the browser's zone. */
export function toLocalInput(iso: string): string {
  const d = new Date(iso);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}`;
}

/** Back to UTC; an empty or broken input stays as it is and the server says so. */
export function fromLocalInput(text: string): string {
  const d = new Date(text);
  return Number.isNaN(d.getTime()) ? text : d.toISOString();
}
