/** Settings of this repository as a project of Lockstep: `exp lint` looks at the schemas too. */
import type { ProjectSettings } from "lockstep";

export default { lint: { folders: ["experiments", "schemas"] } } satisfies ProjectSettings;
