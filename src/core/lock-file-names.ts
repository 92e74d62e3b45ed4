/** The files in which installers of packages write down what they installed, the most exact first. */
export const lockFileNames: readonly string[] = [
  "pnpm-lock.yaml",
  "package-lock.json",
  "npm-shrinkwrap.json",
  "yarn.lock",
  "bun.lock",
];
