import { expect, test } from "vitest";
import en from "./en";
import enAdmin from "./en/admin.json";
import tr from "./tr";
import trAdmin from "./tr/admin.json";

type Tree = { [key: string]: string | Tree };

function flatten(tree: Tree, prefix = ""): Record<string, string> {
  return Object.entries(tree).reduce<Record<string, string>>((all, [key, value]) => {
    if (typeof value === "string") all[prefix + key] = value;
    else Object.assign(all, flatten(value, `${prefix}${key}.`));
    return all;
  }, {});
}

const turkish = flatten({ ...tr, admin: trAdmin } as Tree);
const english = flatten({ ...en, admin: enAdmin } as Tree);
/** English needs a singular where Turkish has one form; the plural suffix itself is no key of its own. */
const base = (key: string): string => key.replace(/_(one|other)$/, "");
const names = (all: Record<string, string>): string[] => [...new Set(Object.keys(all).map(base))].sort();
const slots = (text: string): string[] => [...text.matchAll(/{{(\w+)}}/g)].map((m) => m[1] as string).sort();

test("both languages have the same keys", () => {
  expect(names(english)).toEqual(names(turkish));
});

test("no text is empty", () => {
  const empty = [...Object.entries(turkish), ...Object.entries(english)].filter(([, v]) => v.trim() === "");
  expect(empty).toEqual([]);
});

test("both languages use the same placeholders", () => {
  const differing = Object.keys(turkish).filter((key) => {
    const other = english[key] ?? english[base(key)] ?? english[`${base(key)}_other`] ?? "";
    return slots(other).join() !== slots(turkish[key] ?? "").join();
  });
  expect(differing).toEqual([]);
});

test("Turkish texts address the reader formally", () => {
  const informal = /(?<!\p{L})(sen|senin|sana|seni|girmelisin|istersen|tıkla|yapmalısın)(?!\p{L})/iu;
  expect(Object.entries(turkish).filter(([, v]) => informal.test(v))).toEqual([]);
});
