/** `1.250,50`, `1250.5` or `1250` as the API's `1250.50`; null when it is no amount of money. */
export function readAmount(text: string): string | null {
  const compact = text.trim().replace(/[\s₺$€]/g, "");
  const turkish = /^\d{1,3}(\.\d{3})+(,\d{1,2})?$|^\d+,\d{1,2}$/.test(compact);
  const plain = turkish
    ? compact.replaceAll(".", "").replace(",", ".")
    : compact.replace(/,(?=\d{3}(\D|$))/g, "");
  if (!/^\d{1,12}(\.\d{1,2})?$/.test(plain)) return null;
  const [whole = "0", fraction = ""] = plain.split(".");
  return `${BigInt(whole)}.${fraction.padEnd(2, "0")}`;
}

/** How an amount stands in an input: without trailing zeros. */
export const writeAmount = (amount: string | undefined): string => (amount ?? "").replace(/\.00$/, "");

/** The sum of amounts of one currency as the API writes them (all with the same number of places), without rounding. */
export function sumOfAmounts(amounts: string[]): string {
  const places = amounts[0]?.split(".")[1]?.length ?? 0;
  const digits = amounts
    .reduce((sum, amount) => sum + BigInt(amount.replace(".", "")), 0n)
    .toString()
    .padStart(places + 1, "0");
  return places ? `${digits.slice(0, -places)}.${digits.slice(-places)}` : digits;
}
