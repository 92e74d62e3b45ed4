import { pathToFileURL } from "node:url";
export async function main(args: readonly string[]): Promise<number> {
  const m = require("/work/main/experiments/t.ts");
  console.log(args, m.default, import.meta.url);
  return 0;
}
