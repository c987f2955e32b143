/** Header that says which version of a thing is being changed; somebody faster makes it a 412. */
export const ifMatch = (version: number): { "If-Match": string } => ({ "If-Match": `"v${version}"` });
