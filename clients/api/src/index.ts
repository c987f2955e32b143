export * from "./configure";
export * from "./errors";
export * from "./gen";
export { client } from "./gen/client.gen";
export * from "./key";
export * from "./session";
export * from "./version";
export * from "./web";
