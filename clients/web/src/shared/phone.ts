/** E.164 from what people type: `0532 000 00 00` and `532…` are Turkish numbers. Empty stays undefined. */
export function normalisePhone(raw: string | undefined): string | undefined {
  const digits = (raw ?? "").replace(/[^\d+]/g, "");
  if (digits === "") return undefined;
  if (digits.startsWith("+")) return digits;
  if (digits.startsWith("00")) return `+${digits.slice(2)}`;
  if (/^0?5\d{9}$/.test(digits)) return `+90${digits.replace(/^0/, "")}`;
  return `+${digits}`;
}

export const isPhone = (raw: string | undefined): boolean => {
  const phone = normalisePhone(raw);
  return phone === undefined || /^\+[1-9]\d{7,14}$/.test(phone);
};
