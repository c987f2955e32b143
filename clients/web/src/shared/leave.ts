/** Leaves for another site (the payment page). Only http(s): a script address would run here. */
export function leaveTo(url: string): void {
  const target = new URL(url, window.location.href);
  if (target.protocol !== "https:" && target.protocol !== "http:") throw new Error("refused address");
  window.location.assign(target.href);
}
