/**
 * The page of exp report as a browser shows it: nobody is shut out, nothing runs, light and dark, wide and narrow.
 * Needs a Chromium: $CHROMIUM, or chromium, chromium-browser or google-chrome on the path.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { exp, createProject } from "../end-to-end/project.ts";
import { writeMadeUpRuns } from "../bench/made-up-runs.ts";
import { escapeHtml } from "../../src/core/html.ts";
import { runsPage } from "../../src/report/page/page.ts";
import { hostile, sampleReport } from "../unit/report/page/sample-report.ts";

const folder = mkdtempSync(join(tmpdir(), "lockstep-browser-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const browser = [
  process.env["CHROMIUM"] ?? "",
  "chromium",
  "chromium-browser",
  "google-chrome",
].find((name) => {
  try {
    return name !== "" && execFileSync(name, ["--version"], { stdio: "pipe" }).length > 0;
  } catch {
    return false;
  }
});
if (browser === undefined) {
  process.stderr.write(
    "SKIPPED: no Chromium was found; set CHROMIUM to one to see the page of exp report in it.\n",
  );
}

interface View {
  readonly width: number;
  readonly isDark: boolean;
}

/** Opens a page and gives what the browser prints. */
function open(page: string, { width, isDark }: View, flags: readonly string[]): string {
  const file = join(folder, "page.html");
  writeFileSync(file, page);
  const shared = [
    "--headless",
    "--no-sandbox", // in containers, and as root, there is none; the page is our own
    "--disable-gpu",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    `--user-data-dir=${join(folder, "profile")}`,
    `--window-size=${width},1000`,
    `--blink-settings=preferredColorScheme=${isDark ? 0 : 1}`,
  ];
  return execFileSync(browser ?? "", [...shared, ...flags, `file://${file}`], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    timeout: 100_000,
    maxBuffer: 64 << 20,
  });
}

interface Found {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
  readonly numPasses: number;
  readonly pageWidth: number;
  readonly windowWidth: number;
  readonly isDark: boolean;
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Lets axe-core look at a page with all that folds opened. The page's policy forbids scripts: here it is taken out. */
function examine(page: string, view: View): Found {
  const script = `${axe.replaceAll("</script", String.raw`<\/script`)};
    for (const one of document.querySelectorAll("details")) one.open = true;
    axe.run({ runOnly: ${JSON.stringify(tags)} }).then(({ violations, passes }) => {
      const told = violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => ({ html })) }));
      const found = { violations: told, numPasses: passes.length, pageWidth: document.documentElement.scrollWidth,
        windowWidth: window.innerWidth, isDark: matchMedia("(prefers-color-scheme: dark)").matches };
      top.document.title = "FOUND" + encodeURIComponent(JSON.stringify(found)) + "END";
    });`;
  const examined = page
    .replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/u, "")
    .replace("</body>", () => `<script>${script}</script></body>`);
  const dom = open(framed(examined, view.width), view, [
    "--virtual-time-budget=60000",
    "--dump-dom",
  ]);
  const told = /FOUND(\S*?)END/u.exec(/<title>([^<]*)<\/title>/u.exec(dom)?.[1] ?? "")?.[1];
  return JSON.parse(decodeURIComponent(told ?? "")) as Found;
}

/** No window is narrower than 500 pixels, but a frame in it is. */
function framed(page: string, width: number): string {
  const inside = `<!doctype html><title>frame</title><iframe title="page" style="border: 0; width: ${width}px; height: 900px" srcdoc="${escapeHtml(page)}"></iframe>`;
  return width < 500 ? inside : page;
}

const views: readonly View[] = [
  { width: 1200, isDark: false },
  { width: 1200, isDark: true },
  { width: 360, isDark: false },
];

/** The page of real runs: several settings with several seeds each. */
async function realPage(): Promise<string> {
  const project = createProject({});
  writeMadeUpRuns(join(project.directory, "runs"), 0, 60);
  const made = await exp(project, ["report", "seed >= 0", "--html", "report.html"]);
  expect(made.status, made.stderr).toBe(0);
  return readFileSync(join(project.directory, "report.html"), "utf8");
}

test.skipIf(browser === undefined)(
  "axe-core finds nothing to complain of, light and dark, wide and narrow, and nothing is cut off",
  async () => {
    const page = await realPage();
    for (const view of views) {
      const found = examine(page, view);
      expect(found.violations).toEqual([]);
      expect(found.numPasses).toBeGreaterThan(25);
      expect([found.isDark, found.windowWidth]).toEqual([view.isDark, view.width]);
      expect(found.pageWidth).toBeLessThanOrEqual(view.width);
    }
    // It does look: of a page that is pale and says no language, both are told.
    const pale = page.replace("#1f2328", "#bbbbbb").replace(' lang="en"', "");
    const ids = examine(pale, { width: 1200, isDark: false }).violations.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(["color-contrast", "html-has-lang"]));
  },
);

test.skipIf(browser === undefined)(
  "a page with hostile text shows it as text, and its policy keeps scripts from running",
  () => {
    const page = runsPage(sampleReport(hostile));
    expect(examine(page, { width: 360, isDark: true }).violations).toEqual([]);
    const script = "<script>document.title = 'it ran'</script>";
    const smuggled = page.replace("</body>", () => `${script}</body>`);
    const dom = open(smuggled, { width: 800, isDark: false }, [
      "--virtual-time-budget=2000",
      "--dump-dom",
    ]);
    expect(dom).toContain(script);
    expect(dom).not.toContain("<title>it ran</title>");
    expect(
      open(smuggled.replace(/<meta http-equiv[^>]*>/u, ""), { width: 800, isDark: false }, [
        "--virtual-time-budget=2000",
        "--dump-dom",
      ]),
    ).toContain("<title>it ran</title>");
  },
);

/** The colour in the corner of a PNG: of the first pixel, which no filter can change. */
function corner(file: string): readonly number[] {
  const bytes = readFileSync(file);
  const parts: Buffer[] = [];
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    if (bytes.toString("latin1", at + 4, at + 8) === "IDAT")
      parts.push(bytes.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  return [...inflateSync(Buffer.concat(parts)).subarray(1, 4)];
}

test.skipIf(browser === undefined)("it is white by day and dark by night", () => {
  const page = runsPage(sampleReport("loss"));
  const picture = join(folder, "picture.png");
  const pictured = (isDark: boolean): readonly number[] => {
    open(page, { width: 800, isDark }, [`--screenshot=${picture}`]);
    return corner(picture);
  };
  expect(pictured(false)).toEqual([255, 255, 255]);
  expect(pictured(true)).toEqual([0x0d, 0x11, 0x17]);
});
