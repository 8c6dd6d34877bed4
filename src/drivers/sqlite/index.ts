export { createSqliteDriver } from "./driver.ts";
