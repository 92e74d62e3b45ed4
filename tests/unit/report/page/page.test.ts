/** The page of exp report: nothing in it is markup that somebody wrote, it asks for nothing, and all can read it. */
import { expect, test } from "vitest";
import { runsPage } from "../../../../src/report/page/page.ts";
import type { RunsReport } from "../../../../src/report/page/runs-report.ts";
import { hostile, sampleReport } from "./sample-report.ts";

/** Names of the elements of a page, attributes without their values. */
function tags(page: string): readonly string[] {
  return [...page.matchAll(/<\/?([a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*\/?>/giu)].map(
    ([, name = "", attributes = ""]) => `${name}${attributes.replaceAll(/="[^"]*"/gu, "")}`,
  );
}

test("hostile text is text wherever it stands", () => {
  const plain = runsPage(sampleReport("loss"));
  const page = runsPage(sampleReport(hostile));
  expect(tags(page)).toEqual(tags(plain));
  expect(page.match(/<(?:script|img|\/style>&)/giu)).toBeNull();
  expect(page).toContain("&lt;script&gt;");
  expect(page).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u202a-\u202e\ud800-\udfff]/u);
  expect(page.match(/<\/style>/gu)).toHaveLength(1);
});

test("it asks for nothing and lets nothing run", () => {
  const page = runsPage(sampleReport("loss"));
  expect(page).toContain(
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">`,
  );
  expect(page).not.toMatch(
    /\b(?:src|href|action|on[a-z]+)=|url\(|@import|<(?:script|link|iframe)/u,
  );
});

test("tables have named heads, pictures a title and a description, every name of an element is one", () => {
  const page = runsPage(sampleReport("loss"));
  expect(page.match(/<th(?![^>]*scope="(?:col|row)")[ >]/gu)).toBeNull();
  expect(page).not.toMatch(/<th[^>]*><\/th>/u);
  const ids = [...page.matchAll(/ id="([^"]+)"/gu)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const used = [...page.matchAll(/aria-labelledby="([^"]+)"/gu)].flatMap(([, names = ""]) =>
    names.split(" "),
  );
  expect(used.filter((id) => !ids.includes(id))).toEqual([]);
  expect(page.match(/<svg /gu)).toHaveLength(2);
  expect(
    page.match(
      /<svg [^>]*role="img" aria-labelledby="\S+ \S+"><title [^>]+>[^<]+<\/title><desc [^>]+>[^<]+<\/desc>/gu,
    ),
  ).toHaveLength(2);
  expect(page).toContain(
    "A (loss) goes from 0.9000 at step 10 to 0.1000 at step 40; B (loss) goes from 0.8000 at step 10 to 0.5000 at step 40; 1 more in grey.",
  );
});

test("headings follow each other without a gap", () => {
  const levels = [...runsPage(sampleReport("loss")).matchAll(/<h(\d)/gu)].map(([, level]) =>
    Number(level),
  );
  expect(levels[0]).toBe(1);
  expect(levels.filter((level) => level === 1)).toHaveLength(1);
  for (const [index, level] of levels.entries()) {
    expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1);
  }
});

test("a gap is a gap, a lone point a dot, and what cannot be drawn is said", () => {
  const page = runsPage(sampleReport("loss"));
  const line = /<path class="line c0" d="([^"]+)"/u.exec(page)?.[1] ?? "";
  expect(line.match(/M/gu)).toHaveLength(2);
  expect(page).toMatch(/<h3>one<\/h3><svg .*?<circle class="fill c0"/u);
  expect(page).toContain("<h3>none</h3><p>No value of it can be drawn.</p>");
  expect(page.match(/<path class="band fill c[01]"/gu)).toHaveLength(2);
  expect(page.match(/<path class="grey"/gu)).toHaveLength(1);
});

/** @see WCAG 2.2, relative luminance and contrast ratio */
function contrast(one: string, other: string): number {
  const luminance = (colour: string): number => {
    const hex = colour.length === 4 ? colour.replaceAll(/[0-9a-f]/giu, "$&$&") : colour;
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

test("every colour of text has a contrast of 4.5, every line one of 3, in light and dark", () => {
  const page = runsPage(sampleReport("loss"));
  const colours = [...page.matchAll(/--([a-z0-9]+): light-dark\((#[0-9a-f]+), (#[0-9a-f]+)\)/gu)];
  const of = new Map(colours.map(([, name = "", light = "", dark = ""]) => [name, [light, dark]]));
  const [lightPage = "", darkPage = ""] = of.get("page") ?? [];
  const names = [...of.keys()].filter((name) => /^s\d$|^text$|^grey$/u.test(name));
  expect(names).toHaveLength(10);
  for (const name of names) {
    const [light = "", dark = ""] = of.get(name) ?? [];
    const least = name === "grey" ? 3 : 4.5;
    expect(contrast(light, lightPage), name).toBeGreaterThanOrEqual(least);
    expect(contrast(dark, darkPage), name).toBeGreaterThanOrEqual(least);
  }
});

test("a page of many long noisy curves has an end, and keeps their spikes", () => {
  const xs = Array.from({ length: 1000 }, (_, index) => index);
  const noise = (seed: number): readonly number[] =>
    xs.map((x) => (seed === 0 && x === 500 ? 50 : ((x * 7919 + seed * 104_729) % 1000) / 1000));
  const bands = Array.from({ length: 40 }, (_, index) => ({
    ...(index < 8 ? { mark: "ABCDEFGH"[index] ?? "" } : {}),
    title: "t",
    numRuns: 3,
    xs,
    means: noise(index),
    deviations: noise(index + 50),
  }));
  const charts = Array.from({ length: 8 }, (_, index) => ({
    metric: `m${index}`,
    axis: "step" as const,
    bands,
    notes: [],
  }));
  const report: RunsReport = { ...sampleReport("loss"), charts };
  const page = runsPage(report);
  expect(page.length).toBeLessThan(2_500_000);
  const line = /<path class="line c0" d="([^"]+)"/u.exec(page)?.[1] ?? "";
  const heights = [...line.matchAll(/[ML]\S+ ([\d.]+)/gu)].map(([, y]) => Number(y));
  expect(heights.length).toBeLessThanOrEqual(640);
  expect(Math.min(...heights)).toBeLessThan(70); // the spike is near the top, the noise near the bottom
});

test("positive values over more than three decades have a logarithmic scale, and it is said", () => {
  const report = sampleReport("loss");
  const page = (means: readonly number[], deviations?: readonly number[]): string => {
    const band = { mark: "A", title: "a", numRuns: 2, xs: [1, 2, 3], means };
    const bands = [{ ...band, ...(deviations !== undefined && { deviations }) }];
    return runsPage({ ...report, charts: [{ metric: "loss", axis: "epoch", bands, notes: [] }] });
  };
  const decades = page([100, 1, 0.01], [200, 0.5, 0.5]);
  expect(decades).toContain("loss over epochs, on a logarithmic scale</title>");
  expect(decades).toContain("The scale is logarithmic.");
  expect(decades).toContain(">epoch</text>");
  // Equal ratios are equal lengths: the middle value stands in the middle; a band below zero ends at the bottom.
  const [, top = "", middle = "", bottom = ""] =
    /class="line c0" d="M62 (\S+)L298 (\S+)L534 (\S+)"/u.exec(page([100, 1, 0.01])) ?? [];
  expect(Number(middle)).toBeCloseTo((Number(top) + Number(bottom)) / 2, 1);
  expect(decades).not.toMatch(/ d="[^"]*(?:NaN|Infinity)/u);
  const [, path = ""] = /class="band fill c0" d="([^"]+)"/u.exec(decades) ?? [];
  const heights = [...path.matchAll(/[ML]\S+ (-?[\d.]+)/gu)].map(([, y]) => Number(y));
  expect(Math.max(...heights)).toBe(Number(bottom));
  expect(page([100, 0, 0.01])).not.toContain("logarithmic");
  expect(page([100, 1, 0.2])).not.toContain("logarithmic");
});

test("letters stay in the picture and apart, and points that no line leads to are drawn, grey ones too", () => {
  const bands = Array.from({ length: 9 }, (_, index) => ({
    ...(index < 8 && { mark: String.fromCodePoint(65 + index) }),
    title: "a",
    numRuns: 1,
    xs: [1, 2, 3],
    means: [1, Number.NaN, index / 1000],
  }));
  const charts = [{ metric: "loss", axis: "step" as const, bands, notes: [] }];
  const page = runsPage({ ...sampleReport("loss"), charts });
  const heights = [...page.matchAll(/class="mark c\d" x="\S+" y="([\d.]+)"/gu)].map(([, y]) =>
    Number(y),
  );
  expect(heights).toHaveLength(8);
  expect(Math.max(...heights)).toBeLessThanOrEqual(260);
  for (const [index, y] of heights.slice(1).entries())
    expect(y - (heights[index] ?? 0)).toBeGreaterThanOrEqual(13.9);
  expect(page.match(/<circle class="fill c\d"/gu)).toHaveLength(16);
  expect(page.match(/<circle class="grey-dot"/gu)).toHaveLength(2);
});
