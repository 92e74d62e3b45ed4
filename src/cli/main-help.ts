/** What `exp --help` prints. */
import { commands } from "./command-list.ts";

const examples = `
Overrides:
  optimizer.learningRate=3e-4        set a value; on an axis it replaces the axis
  lr=1e-4,3e-4,1e-3  seed=range(1,4) several values make a sweep
  tags+=wide  tags-=wide             add to a list, take away from it
  training:={…}  ~training.maxGradNorm
                                     replace instead of merging; remove
  'data.path=/path with spaces'      quote for the shell, not for exp

Examples:
  exp experiments/bert-lr.ts
  exp experiments/bert-lr.ts optimizer.learningRate=3e-4 seed=7
  exp plan experiments/bert-lr.ts
  exp explain experiments/bert-lr.ts optimizer.learningRate
  exp help optimizer.learningRate

Exit status: 0 done, 1 a run failed, 2 wrong input, 70 a bug of Lockstep, 75 stopped by a signal after a
checkpoint, 130 stopped at once.
`;

/** The help of `exp` itself: usage, commands, the language of overrides, exit statuses. */
export function mainHelp(): string {
  const shown = commands.flatMap(({ name, summary }) =>
    summary === undefined ? [] : [{ name, summary }],
  );
  const width = Math.max(...shown.map(({ name }) => name.length));
  const lines = shown.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: exp <file> [overrides...]      executes a typed TypeScript experiment
       exp <command> [arguments...]

Commands:
${lines.join("\n")}

Flags of every command:
  --json               one JSON document on standard output, everything else on standard error
  --runs-dir <folder>  where runs are kept, instead of runs/ in the project
  -h, --help           print help
  -V, --version        print the version
${examples}`;
}
