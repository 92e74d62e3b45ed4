/** The files in which installers of packages write down what they installed, the most exact first. */
export const lockFileNames: readonly string[] = [
  "pnpm-lock.yaml",
  "package-lock.json",
  "npm-shrinkwrap.json",
  "yarn.lock",
  "bun.lock",
];

/** What lies beside a lock file and is part of what it was made with: pnpm installs from it only where they are equal. */
export const installerSettings: readonly string[] = ["pnpm-workspace.yaml", ".pnpmfile.cjs"];
