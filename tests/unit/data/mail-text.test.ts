import { expect, test } from "vitest";
import { mailText } from "../../../src/data/mail-text.ts";

/** A mail from lines; each character is one byte. */
const textOf = (...lines: readonly string[]): Promise<string> =>
  mailText(Buffer.from(lines.join("\n"), "latin1"));

const words = async (mail: Promise<string>): Promise<string> =>
  (await mail).replace(/\s+/g, " ").trim();

test("subject and body stay, other headers go", async () => {
  const mail = textOf(
    "From: a@b.c",
    "Subject: Buy",
    "  now",
    "X-Spam: yes",
    "",
    "Dear friend,",
    "",
    "hello",
  );
  expect(await words(mail)).toBe("Buy now Dear friend, hello");
});

test("lines may end with CRLF", async () => {
  const mail = mailText(Buffer.from("From: a\r\nSubject: Hi\r\n\r\none\r\n\r\ntwo\r\n"));
  expect(await words(mail)).toBe("Hi one two");
});

test("a mail without a body, without headers or without anything gives what there is", async () => {
  expect(await words(textOf("Subject: only"))).toBe("only");
  expect(await words(textOf("", "body"))).toBe("body");
  expect(await words(textOf(""))).toBe("");
});

test("quoted-printable and base64 are decoded", async () => {
  const quoted = textOf(
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: quoted-printable",
    "",
    "caf=C3=A9 a=",
    "b",
  );
  expect(await words(quoted)).toBe("café ab");
  const base64 = textOf(
    "Content-Transfer-Encoding: BASE64",
    "",
    Buffer.from("free money").toString("base64"),
  );
  expect(await words(base64)).toBe("free money");
});

test("encoded words in the subject are decoded", async () => {
  expect(await words(textOf("Subject: =?iso-8859-1?Q?Gr=FC=DFe?= =?UTF-8?B?4oKs?=", "", ""))).toBe(
    "Grüße€",
  );
});

const multipart = (...parts: readonly (readonly string[])[]): readonly string[] => [
  "Subject: s",
  "MIME-Version: 1.0",
  'Content-Type: multipart/alternative; boundary="b1"',
  "",
  ...parts.flatMap((part) => ["--b1", ...part]),
  "--b1--",
];
const html = [
  "Content-Type: text/html",
  "",
  "<h1>Free</h1><p>Click <a href='http://x.y'>here</a><img src='z.png' alt='pic'></p>",
];

test("the text part comes before the HTML part", async () => {
  const mail = textOf(...multipart(html, ["Content-Type: text/plain", "", "plain words"]));
  expect(await words(mail)).toBe("s plain words");
});

test("HTML alone becomes text without links, images and capitals", async () => {
  expect(await words(textOf(...multipart(html)))).toBe("s Free Click here");
  expect(await words(textOf(...multipart(["", "   "], html)))).toBe("s Free Click here");
});

const nestedHtml = (tag: string, depth: number): readonly string[] => [
  "Content-Type: text/html",
  "",
  `before ${`<${tag}>`.repeat(depth)}deep${`</${tag}>`.repeat(depth)} after`,
];

test.each(["div", "blockquote", "ul", "ol", "li", "table", "td", "a", "h1", "pre", "span", "x-y"])(
  "of 5,000 nested <%s> the text around them is left",
  async (tag) => {
    expect(await words(textOf(...multipart(nestedHtml(tag, 5_000))))).toMatch(/^s before .*after$/);
  },
);

test("text is read as deep as real mails nest", async () => {
  expect(await words(textOf(...multipart(nestedHtml("div", 100))))).toBe("s before deep after");
});

test("HTML is read to its four millionth character", async () => {
  const mail = ["Content-Type: text/html", "", "a".repeat(4_000_010)];
  const { length } = (await textOf(...mail)).trim();
  expect(length).toBeGreaterThan(3_999_990);
  expect(length).toBeLessThanOrEqual(4_000_000);
});

test("attachments leave no trace", async () => {
  const attachment = ["Content-Type: text/plain", "Content-Disposition: attachment", "", "secret"];
  const mail = textOf(...multipart(["", "body"], attachment));
  expect(await words(mail)).toBe("s body");
});

// Node 20.20 and 24.9 give U+0080 to U+009F here, 22.23 the punctuation.
test("Windows-1252 gives the same text in every version of Node", async () => {
  const quotes = "\x93free\x94 \x80100 caf\xe9";
  for (const name of [
    "windows-1252",
    "us-ascii",
    "iso-8859-1",
    '"ISO-8859-15"',
    "gb2312",
    "no-such-set",
  ]) {
    const mail = textOf(`Content-Type: text/plain; charset=${name}`, "", quotes);
    expect(await words(mail)).toBe("“free” €100 café");
  }
  const nested = multipart(["Content-Type: text/plain;", '\tcharset = "Big5"', "", quotes]);
  expect(await words(textOf(...nested))).toBe("s “free” €100 café");
});

test("UTF-8 is read as such, also where nothing is declared", async () => {
  const bytes = Buffer.from("€ é").toString("latin1");
  expect(await words(textOf("Content-Type: text/plain; charset=UTF8", "", bytes))).toBe("€ é");
  expect(await words(textOf("", bytes))).toBe("€ é");
});
