"use strict";
/** Preloaded into a process that is measured: writes its largest resident size in MiB into a file when it ends. */
const { writeFileSync } = require("node:fs");
process.on("exit", () => {
  const file = process.env.PEAK_MEMORY_FILE;
  if (file) writeFileSync(file, String(process.resourceUsage().maxRSS / 1024));
});
