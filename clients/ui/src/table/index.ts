export * from "./ResourceTable";
